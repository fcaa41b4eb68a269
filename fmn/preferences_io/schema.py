"""Schema of preferences files, version 1.

A group that the file contains replaces the saved one: fields that it leaves out get their defaults. A group
that the file doesn't contain stays as it is.
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
    """Formats of files."""

    TOML = "toml"
    JSON = "json"


Moment = Annotated[AwareDatetime, Field(strict=False)]


class Group(BaseModel):
    """A group of fields. Unknown fields are errors, most likely misspelt."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid", strict=True, frozen=True)


class Filter(Group, FilterOptions):
    """A filter. Its expression is one line of text; only one that can't be read any more has none.

    With ``hold_minutes``, failures are delayed by so many minutes in case they recover.
    """

    expression: str = ""
    snoozed_until: Moment | None = None


class Mute(Group):
    """A mute; without ``until``, for ever."""

    kind: Annotated[MuteKind, Field(strict=False)]
    value: str
    until: Moment | None = None


class Context(Group):
    """The settings, addresses and filters of one context."""

    enabled: bool | None = None
    addresses: list[str] | None = None
    frequency: Frequency | None = None
    quiet_hours: QuietHours | None = None
    presentation: Presentation | None = None
    filters: list[Filter] | None = None


class Preferences(Group):
    """All preferences of a user, or some of them."""

    version: Literal[1]
    time_zone: str | None = None
    contexts: dict[str, Context] = {}
    mutes: list[Mute] | None = None
