"""What a file of preferences says, as a value.

A group that is in it is meant as a whole: what it doesn't say is as it is at the beginning. A group that
isn't in it stays as it is.
"""

from __future__ import annotations

import re
from datetime import time
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from fmn.filters.models import MuteKind
from fmn.filters.spec import FilterOptions
from fmn.people.preferences import Frequency as FrequencySet
from fmn.people.preferences import Presentation as PresentationSet
from fmn.people.preferences import QuietHours as QuietHoursSet

#: That of files like these. Another one would be told apart by it.
VERSION: Final = 1
#: Days by their number.
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Format(StrEnum):
    """How a file is written."""

    TOML = "toml"
    JSON = "json"


def _of_a_clock(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(CLOCK, value):
        return time.fromisoformat(value)
    # TOML has times of its own
    if isinstance(value, time) and not (value.second or value.microsecond):
        return value
    raise ValueError("it should be a time of day such as 08:00")


#: A time of day, written.
CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
TimeOfDay = Annotated[
    time, BeforeValidator(_of_a_clock), PlainSerializer(lambda value: f"{value:%H:%M}"),
    WithJsonSchema({"type": "string", "pattern": CLOCK})]
Moment = Annotated[AwareDatetime, Field(strict=False)]


class Group(BaseModel):
    """Something that a file says. A word that means nothing there is most likely misspelt."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid", strict=True, frozen=True)


class Frequency(Group):
    """How often somebody is written to; with nothing set, at once."""

    digest_count: int | None = None
    digest_seconds: int | None = None
    clock_times: list[TimeOfDay] = []
    clock_days: list[Day] = []

    @property
    def wanted(self) -> FrequencySet:
        """The same as it's kept."""
        return FrequencySet(
            self.digest_count, self.digest_seconds, [f"{each:%H:%M}" for each in self.clock_times],
            [DAYS.index(each) for each in self.clock_days])


class QuietHours(Group):
    """When nothing is sent."""

    quiet_from: TimeOfDay | None = None
    quiet_until: TimeOfDay | None = None
    quiet_lets_severe: bool = True

    @property
    def wanted(self) -> QuietHoursSet:
        """The same as it's kept."""
        return QuietHoursSet(self.quiet_from, self.quiet_until, self.quiet_lets_severe)


class Presentation(Group):
    """How notifications look."""

    long_text: bool = True
    trigger_links: bool = True
    short_links: bool = False
    markup: bool = True
    mime_digest: bool = False

    @property
    def wanted(self) -> PresentationSet:
        """The same as it's kept."""
        return PresentationSet(**self.model_dump())


class Filter(Group, FilterOptions):
    """A filter. What it asks is one line of text; only one that can't be read any more has none.

    With ``hold_minutes``, failures wait so long in case they recover.
    """

    expression: str = ""
    snoozed_until: Moment | None = None


class Mute(Group):
    """Something muted; without an end, for ever."""

    kind: Annotated[MuteKind, Field(strict=False)]
    value: str
    until: Moment | None = None


class Context(Group):
    """What is set in a context."""

    enabled: bool | None = None
    addresses: list[str] | None = None
    frequency: Frequency | None = None
    quiet_hours: QuietHours | None = None
    presentation: Presentation | None = None
    filters: list[Filter] | None = None


class Preferences(Group):
    """All preferences of somebody, or some of them."""

    version: Literal[1]
    time_zone: str | None = None
    contexts: dict[str, Context] = {}
    mutes: list[Mute] | None = None
