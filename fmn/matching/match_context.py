"""The match context: what the evaluation of a filter needs."""

from __future__ import annotations

from dataclasses import dataclass

from fmn.catalog import Catalog
from fmn.directory.snapshot import Directory
from fmn.filters.rule_types import RuleTypes


@dataclass(frozen=True)
class MatchContext:
    """Rule types, the catalogue of messages, and the directory of people and packages."""

    rule_types: RuleTypes
    catalog: Catalog
    directory: Directory
