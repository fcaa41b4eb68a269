"""The command ``python benchmarks/retention.py``, on few notifications."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import reporting, retention
from tests.servers.postgresql import programs
from tests.servers.processes import ServerMissingError


def test_days_go_by_and_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        programs()
    except ServerMissingError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(reporting, "RESULTS", tmp_path)
    monkeypatch.setattr(retention, "ALONE_SECONDS", 0.2)
    monkeypatch.setattr(sys, "argv", ["retention.py", "--daily", "50", "--days", "3"])

    assert retention.main() == 0

    kept = {entry["name"]: entry for entry in json.loads((tmp_path / "retention.json").read_text())}
    assert kept["notifications a second deleted, with all that belongs to them"]["ratio"] > 0
    assert "deliveries on disk, after 2 days" in kept
