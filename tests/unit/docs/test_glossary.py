"""The glossary has each term once, and none that was retired."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.cases import every
from tests.retired_words.checking import LIST, read_list

PAGE: Final = (Path(__file__).parents[3] / "docs" / "glossary.rst").read_text(encoding="utf-8")
TERMS: Final = re.findall(r"^   (\S.*)$", PAGE.partition(":sorted:")[2], re.MULTILINE)
#: What people and programmers meet everywhere.
BASIC: Final = (
    "backend", "batch", "budget", "catalog", "catalogue", "channel", "claim", "consumer", "context",
    "cool-down", "delivery", "digest", "directory", "egress", "enqueue", "facts", "filter", "in doubt",
    "ledger", "lease", "message", "mute", "notification", "poison message", "preference", "quarantine",
    "rule", "scheduler", "slot", "sweep", "system message", "throttling", "worker")


@every("term", BASIC)
def test_has_the_basic_terms(term: str) -> None:
    assert term in TERMS


def test_explains_each_term_once() -> None:
    assert len(TERMS) == len({term.lower() for term in TERMS})


def test_has_no_retired_word() -> None:
    assert {*TERMS} & {*read_list(LIST)} == set()
