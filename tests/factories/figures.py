"""Figures that have been counted."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from fmn.infra.db import Database
from fmn.ledger.figures.counting import count_ledger
from fmn.ledger.figures.ledger_sources import LATITUDE, SOURCES
from fmn.ledger.figures.models import FigureBookmark
from tests.servers.waiting import wait_until

#: Seconds that other tests' transactions in the same server may take.
PATIENCE = 60


def count(database: Database, now: datetime) -> None:
    """Count all that has happened by now: on PostgreSQL, when the server's other transactions have ended."""
    later = now + LATITUDE + timedelta(seconds=1)
    with database.reading() as session:
        latest = {source.name: source.latest(session, later) for source in SOURCES}

    def is_counted() -> bool:
        count_ledger(database, later)
        with database.reading() as session:
            reached = {each.source: each.position for each in session.scalars(select(FigureBookmark))}
        return all(reached.get(name, 0) >= position for name, position in latest.items())

    wait_until(is_counted, PATIENCE, "the ledger isn't counted")
