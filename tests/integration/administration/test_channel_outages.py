"""Outages of channels that stay connected, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmn.administration.channel_outages import note_outage, outages
from fmn.infra.db import Database
from tests.factories.messages import NOON
from tests.factories.statements import statements_on

pytestmark = pytest.mark.dialects


def noted(database: Database) -> list[tuple[str, str, timedelta]]:
    with database.reading() as session:
        return [(each.channel, each.reason, each.since - NOON) for each in outages(session)]


def test_an_outage_is_noted_until_it_is_over(database: Database) -> None:
    later = timedelta(minutes=1)
    note_outage(database, "irc", "the server can't be reached", NOON)
    note_outage(database, "irc", "the nick is taken", NOON + later)
    note_outage(database, "irc.1", "", NOON)
    assert noted(database) == [("irc", "the nick is taken", timedelta())]
    note_outage(database, "irc", "", NOON + later)
    assert noted(database) == []


def test_what_has_not_changed_is_not_written(database: Database) -> None:
    note_outage(database, "irc", "the server can't be reached", NOON)
    with statements_on(database) as found:
        note_outage(database, "irc", "the server can't be reached", NOON)
        note_outage(database, "irc.1", "", NOON)
    assert not [each for each in found if each.startswith(("INSERT", "UPDATE", "DELETE"))]
