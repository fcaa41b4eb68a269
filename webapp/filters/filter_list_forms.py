"""What forms of the list of filters say."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from fmn.filters.snoozes import SnoozeSpan, snooze_end, start_of_day
from webapp.forms import Form


class SwitchForm(Form):
    """On or off."""

    on: bool


class MoveForm(Form):
    """The place among the filters, from 0."""

    position: Annotated[int, Field(ge=0, le=10**9)]


class CopyForm(Form):
    """Where to."""

    context: str


class SnoozeForm(Form):
    """How long: the day counts if there's one."""

    span: SnoozeSpan = SnoozeSpan.TOMORROW
    day: Annotated[date, Field(ge=date(2000, 1, 1), lt=date(9000, 1, 1))] | None = None

    def until(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When the sleep ends."""
        return snooze_end(self.span, now, zone) if self.day is None else start_of_day(self.day, zone)


class ListForm(Form):
    """What to do to the whole list."""

    action: Literal["add", "reset", "delete"]
    preset: str = ""
