"""Settings of request rate limits: ``fmn.limits.*``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator

from fmn.settings.field_types import PositiveInt, SettingsSection

#: Seconds of each unit that a rate is written in.
UNITS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
#: Times within its span. A bucket counts in microseconds, so more than one a microsecond can't be told apart.
LARGEST_AMOUNT: Final = 1_000_000

_RATE_LIMIT: Final = re.compile(rf"(\d{{1,7}}) per ({'|'.join(UNITS)})")


@dataclass(frozen=True)
class RateLimit:
    """A rate limit: ``amount`` times within ``seconds``, written as "60 per minute"."""

    amount: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> RateLimit:
        """Parse a rate such as "60 per minute". Raises :class:`ValueError`."""
        found = _RATE_LIMIT.fullmatch(" ".join(text.split()))
        if found is None or not 1 <= int(found[1]) <= LARGEST_AMOUNT:
            raise ValueError(
                f"it isn't a rate such as 60 per minute: a number from 1 to {LARGEST_AMOUNT}, then per "
                f"{', '.join([*UNITS][:-1])} or {[*UNITS][-1]}")
        return cls(int(found[1]), UNITS[found[2]])


def _parse_rate_limit(value: object) -> object:
    return RateLimit.parse(value) if isinstance(value, str) else value


RateLimitSetting = Annotated[RateLimit, BeforeValidator(_parse_rate_limit)]


class LimitSettings(SettingsSection):
    """Rate limits of requests by a signed-in person, and by an address without a session.

    ``costly`` requests are those that search, preview, export or import; ``links`` are those to links in
    mails, counted by address whoever is signed in; ``events`` publish, and are counted by token.
    """

    reads: RateLimitSetting = RateLimit(600, 60)
    writes: RateLimitSetting = RateLimit(60, 60)
    costly: RateLimitSetting = RateLimit(30, 60)
    anonymous: RateLimitSetting = RateLimit(300, 60)
    events: RateLimitSetting = RateLimit(600, 60)
    links: RateLimitSetting = RateLimit(1200, 60)
    at_once: PositiveInt = 2
    anonymous_at_once: PositiveInt = 4
