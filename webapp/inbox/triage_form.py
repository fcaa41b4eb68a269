"""Forms of the inbox: triage of one notification, of those that are ticked, or of all that a search finds.

A button's name says which (``row``, ``selected``, ``all``), its value what to do: ``done``, ``done:17`` for a
row, ``done:17.20`` for a group of them. Some actions have their argument in their name, ``snooze-tomorrow``;
``snooze`` takes the form's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from fmn.errors import UserError
from fmn.filters.models import MuteKind
from fmn.ledger.triage import Action, TriageRequest
from fmn.translations import gettext
from webapp.inbox.search_form import Id, InboxSearch
from webapp.inbox.snooze_times import SnoozeSpan, morning_of, snoozed_until

#: Notifications that can be ticked at once: a page has fewer.
MAX_SELECTED: Final = 200
SNOOZE: Final = str(Action.SNOOZE)
_MUTE: Final = "mute"
_MARK: Final = "-"

Command = Annotated[str, Field(max_length=30, pattern=r"^[a-z-]+$")]
#: As long as a command with the ids of a page's notifications may be.
RowCommand = Annotated[str, Field(max_length=4_000, pattern=r"^[a-z-]+:\d{1,18}(\.\d{1,18})*$")]


class Scope(StrEnum):
    """Which notifications a button is about."""

    ROW = "row"
    SELECTED = "selected"
    ALL = "all"


class TriageForm(InboxSearch):
    """The form around the list, with the search that it shows, and what its toolbar has chosen."""

    row: RowCommand | Literal[""] = ""
    selected: Command = ""
    all: Command = ""
    ids: Annotated[tuple[Id, ...], Field(max_length=MAX_SELECTED)] = ()
    newest: Id = 0
    span: SnoozeSpan = SnoozeSpan.TOMORROW
    day: Annotated[date, Field(ge=date(2000, 1, 1), lt=date(9000, 1, 1))] | None = None

    @property
    def scope(self) -> Scope:
        """Which notifications it's about."""
        return Scope.ROW if self.row else Scope.SELECTED if self.selected else Scope.ALL

    @property
    def command(self) -> str:
        """What to do with them, without a row's id."""
        return (self.row or self.selected or self.all).partition(":")[0]

    @property
    def chosen(self) -> Sequence[int]:
        """The notifications of the row or group, or those that are ticked."""
        if self.scope is Scope.ROW:
            return [int(each) for each in self.row.partition(":")[2].split(".")]
        return self.ids

    @property
    def mutes(self) -> MuteKind | None:
        """What of the notifications is to be muted, if that's it."""
        command, _, kind = self.command.partition(_MARK)
        return MuteKind(kind) if command == _MUTE and kind in (MuteKind.THREAD, MuteKind.PACKAGE) else None

    def request(self, now: datetime, zone: ZoneInfo) -> TriageRequest:
        """The action and its moment. Raises :class:`~fmn.errors.UserError`."""
        command, _, span = self.command.partition(_MARK)
        if command not in set(Action) or (span and (command != SNOOZE or span not in set(SnoozeSpan))):
            raise UserError(gettext("The form was incomplete. Reload your inbox and try again."))
        if command != SNOOZE:
            return TriageRequest(Action(command), now)
        if span or self.day is None:
            return TriageRequest(Action.SNOOZE, now, snoozed_until(SnoozeSpan(span or self.span), now, zone))
        return TriageRequest(Action.SNOOZE, now, morning_of(self.day, zone))
