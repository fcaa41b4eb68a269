"""The command ``python benchmarks/pages.py``, on few messages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import pages, reporting


def test_measures_pages_and_the_number_of_statements_does_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reporting, "RESULTS", tmp_path)
    monkeypatch.setattr(pages, "PEOPLE", 50)
    monkeypatch.setattr(pages, "ROUNDS", 1)
    monkeypatch.setattr(sys, "argv", ["pages.py", "--messages", "300"])

    assert pages.main() == 0

    kept = json.loads((tmp_path / "pages.json").read_text(encoding="utf-8"))
    statements = {entry["name"]: entry["ratio"] for entry in kept
                  if entry["unit"] == "SQL statements" and "ratio" in entry}
    assert {"SQLite, the inbox", "SQLite, a preview", "SQLite, the first page"} <= statements.keys()
    # What goes on beyond a page of the inbox is counted by two statements more, whatever it is.
    beyond = {name: ratio for name, ratio in statements.items() if name.partition(", ")[2] in (
        "the inbox", "the inbox, grouped by thread", "the inbox, grouped by package")}
    assert max(beyond.values()) < 1.25
    assert {name for name, ratio in statements.items() if ratio != 1} <= beyond.keys()
