"""Clock skew: how far this host's clock is from the database's, and when that's worth a warning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError

from fmn.infra.db import Database
from fmn.monitoring.probes import Notes, short_timeout_engine

#: Claims, due times and the age of tasks are by the database's clock, so skew does them no harm. What is by
#: a host's own clock (signatures, sessions, OpenID's tokens, a web hook's timestamp) bears half a minute and
#: more. NTP keeps clocks within milliseconds: a host that is so far off has none, and will be further off.
WARN_ABOVE: Final = timedelta(seconds=5)


def measure_skew(database: Database) -> timedelta:
    """How far this host's clock is ahead, asked now. Raises an error of the database."""
    database.read_clock()
    return database.clock_skew


def skew_warning(skew: timedelta) -> str:
    """What is wrong with this host's clock and what to do, ``""`` if nothing is."""
    if abs(skew) <= WARN_ABOVE:
        return ""
    where = "ahead of" if skew > timedelta() else "behind"
    return (
        f"this host's clock is {abs(skew.total_seconds()):.0f} s {where} that of the database's host; "
        "have both set by NTP, with chrony or systemd-timesyncd")


def skew_notes(database: Database) -> Notes:
    """The same for whoever asks a process; nothing while the database is away, which others tell."""
    engine = short_timeout_engine(database)

    def notes() -> Iterator[str]:
        with suppress(DBAPIError):
            database.read_clock(engine)
            yield from filter(None, [skew_warning(database.clock_skew)])

    return notes
