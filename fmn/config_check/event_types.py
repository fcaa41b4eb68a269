"""Configuration check of the files of event types."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fmn.catalog.current import installed_catalog
from fmn.catalog.declarative.directory import extended
from fmn.filters.rule_types import generic_rule_names
from fmn.settings.check_results import CheckResults, failed, ok
from fmn.text import pluralize

SUBJECT: Final = "catalogue"


def check(directory: Path) -> CheckResults:
    """Check every file in the directory."""
    found = extended(installed_catalog(), directory, generic_rule_names())
    yield from (failed(SUBJECT, str(problem)) for problem in found.problems)
    if not found.problems:
        yield ok(SUBJECT, f"{pluralize(len(found.files), 'file')} of event types in {directory} can be used")
