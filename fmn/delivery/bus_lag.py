"""Bus lag: messages that arrived long after they were sent, and the sentences about it. Pure.

That's so after FMN was away and caught up, or when a publisher was cut off, or its clock is wrong. Nobody
here can tell which, so it isn't said.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from fmn.localized import number_text
from fmn.translations import gettext, ngettext

#: What comes so much later than it was sent is late. Before that nobody wonders, and some clocks are off.
LAG_THRESHOLD: Final = timedelta(minutes=15)
NO_LAG: Final = timedelta()
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def bus_lag(sent_at: datetime, received_at: datetime) -> timedelta:
    """Time between sending and arrival; :data:`NO_LAG` below the threshold."""
    passed = received_at - sent_at
    return passed if passed >= LAG_THRESHOLD else NO_LAG


def lag_sentence(by: timedelta) -> str:
    """A sentence about the lag of one message, ``""`` without lag."""
    return gettext("FMN received this {duration} late.").format(duration=_length(by)) if by else ""


def lag_summary(times: Collection[timedelta]) -> str:
    """A sentence about the lags of several messages, ``""`` without any."""
    found = [by for by in times if by]
    if not found or len(times) == 1:
        return lag_sentence(found[0]) if found else ""
    told = gettext("FMN heard of these late, by up to {duration}.") if len(found) == len(times) else gettext(
        "FMN heard of {number} of these late, by up to {duration}.")
    return told.format(number=number_text(len(found)), duration=_length(max(found)))


def _length(by: timedelta) -> str:
    """A duration, rounded, in the largest unit of which it has at least two."""
    if by >= 2 * _DAY:
        return ngettext("{number} day", "{number} days", days := round(by / _DAY)).format(number=days)
    if by >= 2 * _HOUR:
        return ngettext("{number} hour", "{number} hours", hours := round(by / _HOUR)).format(number=hours)
    minutes = round(by / timedelta(minutes=1))
    return ngettext("{number} minute", "{number} minutes", minutes).format(number=minutes)
