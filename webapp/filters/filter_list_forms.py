"""Forms of the list of filters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from fmn.filters.snoozes import SnoozeSpan, snooze_end, start_of_day
from webapp.forms import Form


class SwitchForm(Form):
    """Switches a filter on or off."""

    on: bool


class MoveForm(Form):
    """Moves a filter to a position, from 0."""

    position: Annotated[int, Field(ge=0, le=10**9)]


class CopyForm(Form):
    """Copies a filter to a context."""

    context: str


class SnoozeForm(Form):
    """Snoozes a filter for a span, or until a day if there is one."""

    span: SnoozeSpan = SnoozeSpan.TOMORROW
    day: Annotated[date, Field(ge=date(2000, 1, 1), lt=date(9000, 1, 1))] | None = None

    def until(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The end of the snooze."""
        return snooze_end(self.span, now, zone) if self.day is None else start_of_day(self.day, zone)


class ListForm(Form):
    """Changes the whole list."""

    action: Literal["add", "reset", "delete"]
    preset: str = ""
