"""Forms of the inbox: triage of one notification, of those that are ticked, of a group, or of all.

A button's name says which (``row``, ``selected``, ``whole``, ``all``), its value what to do: ``done``,
``done:17`` for a row, ``done:package:rpms/moss`` for a group. Some actions have their argument in their name,
``snooze-tomorrow``; ``snooze`` takes the form's day and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from fmn.errors import UserError
from fmn.filters.models import MuteKind
from fmn.ledger.triage import Action, TriageRequest
from fmn.people.local_time import utc_of_local_time
from fmn.translations import gettext
from webapp.inbox.search_form import Id, InboxSearch
from webapp.inbox.snooze_times import MORNING, SnoozeSpan, snoozed_until

#: Notifications that can be ticked at once: a page has fewer.
MAX_SELECTED: Final = 200
SNOOZE: Final = str(Action.SNOOZE)
_MUTE: Final = "mute"
_MARK: Final = "-"

Command = Annotated[str, Field(max_length=30, pattern=r"^[a-z-]+$")]
RowCommand = Annotated[str, Field(max_length=60, pattern=r"^[a-z-]+:\d{1,18}$")]
#: As long as a command with the ids of a page's notifications may be.
GroupCommand = Annotated[str, Field(max_length=4_000, pattern=r"^[a-z]+:(day|thread|package|ids):.+$")]


class Scope(StrEnum):
    """Which notifications a button is about."""

    ROW = "row"
    SELECTED = "selected"
    WHOLE = "whole"
    ALL = "all"


class GroupTarget(StrEnum):
    """What a group is named by: a day, a thread's key, a package, or its notifications' ids."""

    DAY = "day"
    THREAD = "thread"
    PACKAGE = "package"
    IDS = "ids"


class TriageForm(InboxSearch):
    """The form around the list, with the search that it shows, and what its toolbar has chosen.

    ``newest`` is the newest notification on the page, ``latest`` the newest that its groups count.
    """

    row: RowCommand | Literal[""] = ""
    selected: Command = ""
    whole: GroupCommand | Literal[""] = ""
    all: Command = ""
    ids: Annotated[tuple[Id, ...], Field(max_length=MAX_SELECTED)] = ()
    newest: Id = 0
    latest: Id = 0
    day: Annotated[date, Field(ge=date(2000, 1, 1), lt=date(9000, 1, 1))] | None = None
    clock: time = MORNING

    @property
    def scope(self) -> Scope:
        """Which notifications it's about."""
        given = {Scope.ROW: self.row, Scope.SELECTED: self.selected, Scope.WHOLE: self.whole}
        return next((scope for scope, command in given.items() if command), Scope.ALL)

    @property
    def command(self) -> str:
        """What to do with them, without a row's id."""
        return (self.row or self.selected or self.whole or self.all).partition(":")[0]

    @property
    def chosen(self) -> Sequence[int]:
        """The notification of the row, or those that are ticked."""
        return [int(self.row.partition(":")[2])] if self.scope is Scope.ROW else self.ids

    @property
    def target(self) -> tuple[GroupTarget, str]:
        """The group, by what names it. There has to be one."""
        _, target, key = self.whole.split(":", 2)
        return GroupTarget(target), key

    @property
    def mutes(self) -> MuteKind | None:
        """What of the notifications is to be muted, if that's it."""
        command, _, kind = self.command.partition(_MARK)
        if self.scope is Scope.WHOLE or command != _MUTE:
            return None
        return MuteKind(kind) if kind in (MuteKind.THREAD, MuteKind.PACKAGE) else None

    def request(self, now: datetime, zone: ZoneInfo) -> TriageRequest:
        """The action and its moment. Raises :class:`~fmn.errors.UserError`."""
        command, _, span = self.command.partition(_MARK)
        if command not in set(Action) or (span and (command != SNOOZE or span not in set(SnoozeSpan))):
            raise incomplete_form()
        if command != SNOOZE:
            return TriageRequest(Action(command), now)
        if span:
            return TriageRequest(Action.SNOOZE, now, snoozed_until(SnoozeSpan(span), now, zone))
        if self.day is None:
            raise UserError(gettext("Choose the day on which they come back."), "day")
        return TriageRequest(Action.SNOOZE, now, utc_of_local_time(self.day, self.clock, zone))


def incomplete_form() -> UserError:
    """The error for what no form of ours sends."""
    return UserError(gettext("The form was incomplete. Reload your inbox and try again."))
