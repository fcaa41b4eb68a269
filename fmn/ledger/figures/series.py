"""Series of the installation's figures: their names, and how their values add up over time.

Each value is added at three resolutions at once, so nothing has to be rolled up later, and each resolution is
kept as long as one looks at it: 576 rows of five minutes, 360 of an hour and 400 of a day for a series.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

#: Messages stored, by when they came.
RECEIVED: Final = "received"
#: Messages matched, by when that was.
MATCHED: Final = "matched"
#: Notifications recorded.
NOTIFICATIONS: Final = "notifications"
#: Deliveries that ended, by context and when that was.
SENT: Final = "sent."
FAILED: Final = "failed."
DROPPED: Final = "dropped."
#: Highest values: milliseconds from a message's sending to its receipt, and from there to its match; tasks in
#: a queue; deliveries of a context that were due.
BUS_LAG: Final = "lag.bus"
MATCH_LAG: Final = "lag.match"
QUEUE: Final = "queue."
DUE: Final = "due."

#: Beginnings of the names of series that have the highest value of each period rather than the sum.
HIGHEST: Final = ("lag.", QUEUE, DUE)

FIVE_MINUTES: Final = 300
HOUR: Final = 3600
DAY: Final = 86_400
#: How long figures are kept, by the seconds that each is for.
KEPT: Final[Mapping[int, timedelta]] = {
    FIVE_MINUTES: timedelta(days=2), HOUR: timedelta(days=15), DAY: timedelta(days=400)}


def period_start(seconds: int, moment: datetime) -> datetime:
    """Start of the period of so many seconds that a moment is in."""
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)
