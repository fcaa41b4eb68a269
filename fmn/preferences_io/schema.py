"""What a file of preferences says, as a value.

A group that is in it is meant as a whole: what it doesn't say is as it is at the beginning. A group that
isn't in it stays as it is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from fmn.filters.models import MuteKind
from fmn.filters.spec import FilterOptions
from fmn.people.preferences import Frequency, Presentation, QuietHours

#: That of files like these. Another one would be told apart by it.
VERSION: Final = 1


class Format(StrEnum):
    """How a file is written."""

    TOML = "toml"
    JSON = "json"


Moment = Annotated[AwareDatetime, Field(strict=False)]


class Group(BaseModel):
    """Something that a file says. A word that means nothing there is most likely misspelt."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid", strict=True, frozen=True)


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
