"""Hosts whose clocks are wrong, as those see it who ask a process, or Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.monitoring.clock_skew import skew_notes
from fmn.monitoring.probes import database_check, readiness
from tests.servers.ports import free_port


def clock_that_is_off(skew: timedelta) -> Callable[[], datetime]:
    return lambda: utc_now() + skew


@pytest.mark.parametrize(("skew", "told"), [
    (timedelta(minutes=11), "this host's clock is 660 s ahead of that of the database's host"),
    (timedelta(minutes=-11), "this host's clock is 660 s behind that of the database's host"),
    (timedelta(), ""),
])
def test_whoever_asks_a_process_whether_it_is_ready_hears_of_its_clock(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch, skew: timedelta, told: str,
) -> None:
    monkeypatch.setattr("fmn.infra.db.utc_now", clock_that_is_off(skew))
    answer = readiness(lambda: "", notes=skew_notes(postgresql_database))()
    # It's ready all the same: it does no harm
    assert answer.problem == ""
    assert [note.partition("; ")[0] for note in answer.notes] == ([told] if told else [])
    exported = REGISTRY.get_sample_value("fmn_clock_skew_seconds")
    assert exported == pytest.approx(skew.total_seconds(), abs=1)


def test_whose_database_is_away_hears_of_that_alone() -> None:
    with closing(Database(f"postgresql://fmn@127.0.0.1:{free_port()}/fmn")) as away:
        answer = readiness(database_check(away), notes=skew_notes(away))()
    assert "the database doesn't answer" in answer.problem
    assert answer.notes == []


def test_a_file_has_no_other_clock(tmp_path: object) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/fmn.sqlite")) as database:
        assert list(skew_notes(database)()) == []
