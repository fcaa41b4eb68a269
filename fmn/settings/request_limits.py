"""Settings of how much one person, or one address, may ask of the web app."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator

from fmn.settings.field_types import PositiveInt, Section

#: Seconds of each unit that a rate is written in.
UNITS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
#: Times within its span. A bucket counts in microseconds, so more than one a microsecond can't be told apart.
LARGEST_AMOUNT: Final = 1_000_000

_WRITTEN: Final = re.compile(rf"(\d{{1,7}}) per ({'|'.join(UNITS)})")


@dataclass(frozen=True)
class Rate:
    """So many times within so many seconds, written as "60 per minute"."""

    amount: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """The rate that ``text`` says. Raises :class:`ValueError`."""
        found = _WRITTEN.fullmatch(" ".join(text.split()))
        if found is None or not 1 <= int(found[1]) <= LARGEST_AMOUNT:
            raise ValueError(
                f"it isn't a rate such as 60 per minute: a number from 1 to {LARGEST_AMOUNT}, then per "
                f"{', '.join([*UNITS][:-1])} or {[*UNITS][-1]}")
        return cls(int(found[1]), UNITS[found[2]])


def _rate(value: object) -> object:
    return Rate.parse(value) if isinstance(value, str) else value


WrittenRate = Annotated[Rate, BeforeValidator(_rate)]


class LimitSettings(Section):
    """How many requests one person may make, and one address from which nobody is signed in.

    ``costly`` requests are those that search, preview, export or import; ``links`` are those to links in
    mails, counted by address whoever is signed in.
    """

    reads: WrittenRate = Rate(600, 60)
    writes: WrittenRate = Rate(60, 60)
    costly: WrittenRate = Rate(30, 60)
    anonymous: WrittenRate = Rate(300, 60)
    links: WrittenRate = Rate(1200, 60)
    at_once: PositiveInt = 2
    anonymous_at_once: PositiveInt = 4
