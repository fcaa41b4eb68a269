"""When a digest is due. Pure: takes values, knows neither clock nor database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Waiting:
    """What waits for one preference's next digest, and how that preference wants it."""

    preference_id: int
    enabled: bool
    digest_count: int | None
    digest_seconds: int | None
    count: int
    first_at: datetime


def is_due(waiting: Waiting, now: datetime) -> bool:
    """Whether to close the digest: enough wait, or the first has waited long enough.

    What waits for a preference that no longer wants digests, or is off, is due at once.
    """
    if not waiting.count:
        return False
    if not waiting.enabled or (waiting.digest_count is None and waiting.digest_seconds is None):
        return True
    enough = waiting.digest_count is not None and waiting.count >= waiting.digest_count
    long = (
        waiting.digest_seconds is not None
        and now - waiting.first_at >= timedelta(seconds=waiting.digest_seconds)
    )
    return enough or long
