"""Clock skew between this host and the database's host, and the warning about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError

from fmn.infra.db import Database
from fmn.monitoring.probes import Notes, short_timeout_engine
from fmn.translations import gettext

#: Claims, due times and the age of tasks use the database's clock, so skew doesn't affect them. Signatures,
#: sessions, OpenID tokens and timestamps of web hooks use the host's clock and tolerate 30 s and more. NTP
#: keeps clocks within milliseconds, so a host that is further off than this has no NTP and will drift on.
WARN_ABOVE: Final = timedelta(seconds=5)


def measure_skew(database: Database) -> timedelta:
    """Measure how far this host's clock is ahead of the database's. Raises an error of the database."""
    database.read_clock()
    return database.clock_skew


def skew_warning(skew: timedelta) -> str:
    """A warning about this host's clock that says what to do; ``""`` if it's fine."""
    if abs(skew) <= WARN_ABOVE:
        return ""
    said = gettext(
        "this host's clock is {seconds} s ahead of that of the database's host; "
        "have both set by NTP, with chrony or systemd-timesyncd") if skew > timedelta() else gettext(
        "this host's clock is {seconds} s behind that of the database's host; "
        "have both set by NTP, with chrony or systemd-timesyncd")
    return said.format(seconds=f"{abs(skew.total_seconds()):.0f}")


def skew_notes(database: Database) -> Notes:
    """Notes for a readiness probe with that warning. None while the database is away: its check says so."""
    engine = short_timeout_engine(database)

    def notes() -> Iterator[str]:
        with suppress(DBAPIError):
            database.read_clock(engine)
            yield from filter(None, [skew_warning(database.clock_skew)])

    return notes
