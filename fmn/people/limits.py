"""How often something may be done: so many times within a span, that moves on with the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from fmn.people.refusals import LimitError
from fmn.people.schedule_text import duration

_MINUTE: Final = 60
_HOUR: Final = 3_600


def check_limit(latest: Sequence[datetime], most: int, span: timedelta, now: datetime, what: str) -> None:
    """Raise :class:`LimitError` if it was done ``most`` times within the last ``span``.

    ``latest`` are the times when it was, the latest first, of which only the first ``most`` matter;
    ``what`` says what was done, as the beginning of the sentence.
    """
    if len(latest) < most or (again := latest[most - 1] + span) <= now:
        return
    raise LimitError(f"{what}. It goes again in {waiting(again - now)}.", again)


def waiting(wait: timedelta) -> str:
    """How long one has to wait, rather a bit more: in minutes, past an hour in hours."""
    seconds = wait.total_seconds()
    unit = _MINUTE if seconds <= _HOUR else _HOUR
    return duration(max(1, ceil(seconds / unit)) * unit)
