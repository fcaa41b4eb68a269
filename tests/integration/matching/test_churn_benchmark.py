"""The command ``python benchmarks/churn.py``, with few people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import churn, reporting
from tests.factories.logging import logging_put_back
from tests.servers.postgresql import PostgreSQL


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The benchmark logs less than tests do."""
    with logging_put_back():
        yield


def test_measures_rate_and_wait_with_each_number_of_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql: PostgreSQL,
) -> None:
    # `postgresql` skips where there's none; the benchmark starts its own
    monkeypatch.setattr(reporting, "RESULTS", tmp_path)
    for name, value in {
        "PEOPLE": 20, "CHANGES": (0, 10), "BACKLOG": 20, "TO_ALL": 2, "SECONDS": 1, "EVERY": 5, "BATCH": 10,
    }.items():
        monkeypatch.setattr(churn, name, value)
    monkeypatch.setattr(sys, "argv", ["churn.py"])

    assert churn.main() == 0

    kept = json.loads((tmp_path / "churn.json").read_text(encoding="utf-8"))
    assert {(entry["name"], entry["unit"]) for entry in kept} == {
        ("messages/s with 0 changes/s", "messages/s"), ("longest wait with 0 changes/s", "s"),
        ("messages/s with 10 changes/s", "messages/s"), ("longest wait with 10 changes/s", "s"),
        ("changes of the 10 changes/s that were made", "changes/s"),
    }
