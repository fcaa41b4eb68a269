"""Pruning of figures, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from fmn.infra.db import Database
from fmn.ledger.figures.models import DailyFigure, Figure
from fmn.ledger.figures.pruning import prune_daily_figures, prune_figures
from fmn.ledger.figures.series import DAY, FIVE_MINUTES, HOUR
from tests.factories.messages import NOON
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects

A_DAY = timedelta(days=1)


def test_each_resolution_is_kept_as_long_as_it_is_shown(database: Database) -> None:
    with database.transaction() as session:
        session.add_all([
            Figure(series="received", seconds=seconds, begins=NOON - days * A_DAY, value=1)
            for seconds in (FIVE_MINUTES, HOUR, DAY) for days in (1, 10, 100, 1000)])
    with database.transaction() as session:
        assert prune_figures(session, NOON, 4) == 4
    with database.transaction() as session:
        assert prune_figures(session, NOON, 1_000) == 2
        assert Counter(session.scalars(select(Figure.seconds))) == {FIVE_MINUTES: 1, HOUR: 2, DAY: 3}


def test_peoples_days_are_kept_while_it_is_one_of_the_last_somewhere(database: Database) -> None:
    alice = make_person(database)
    with database.transaction() as session:
        session.add_all([
            DailyFigure(preference_id=alice.preference_id, day=NOON.date() - days * A_DAY, filter_id=0)
            for days in range(20)])
    with database.transaction() as session:
        assert prune_daily_figures(session, NOON, 3) == 3
        assert prune_daily_figures(session, NOON, 1_000) == 1
        assert min(session.scalars(select(DailyFigure.day))) == NOON.date() - 15 * A_DAY
