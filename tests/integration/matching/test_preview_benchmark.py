"""The command ``python benchmarks/preview.py``, on few messages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import preview, reporting


def test_measures_previews_on_every_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "RESULTS", tmp_path)
    monkeypatch.setattr(preview, "PEOPLE", 50)
    monkeypatch.setattr(preview, "ROUNDS", 1)
    monkeypatch.setattr(sys, "argv", ["preview.py", "--messages", "600"])

    assert preview.main() == 0

    kept = json.loads((tmp_path / "preview.json").read_text(encoding="utf-8"))
    # Beside a busy neighbour a preview runs out of time, and its row then says how far back it came
    assert {entry["unit"] for entry in kept} <= {"ms", "%"}
    names = [entry["name"] for entry in kept]
    assert "SQLite, application(buildsys)" in names
    assert "SQLite, slowest of all previews" in names
