"""What it takes to judge a message."""

from __future__ import annotations

from dataclasses import dataclass

from fmn.catalog import Catalog
from fmn.directory.snapshot import Directory
from fmn.filters.rule_types import RuleTypes


@dataclass(frozen=True)
class MatchContext:
    """The rules there are, what messages mean, and who owns what."""

    rule_types: RuleTypes
    catalog: Catalog
    directory: Directory
