"""Filters: what the account's owner wants to hear of in a context, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.errors import ConflictError
from fmn.filters import bulk, editing
from fmn.filters.default_filters import default_filters
from fmn.filters.expression_syntax import print_expression
from fmn.filters.expressions import expression_to_json
from fmn.filters.locking import MAX_FILTERS, lock_filter
from fmn.filters.models import Filter as FilterRow
from fmn.filters.rule_types import RuleTypes
from fmn.filters.undo import undo
from fmn.people.models import Preference
from webapp.api.etags import expected_version
from webapp.api.expressions import read_filter
from webapp.api.models import (
    AnsweredExpression,
    Context,
    KeptContext,
    RequestModel,
    ResponseModel,
    SentExpression,
    Version,
)
from webapp.api.operations import Operation, operation
from webapp.identity import Permission
from webapp.owned import id_from_path, owned_filter, owned_preference
from webapp.request import Request

Name = Annotated[str, Field(min_length=1, max_length=editing.MAX_NAME_LENGTH, examples=["My packages"])]
#: Minutes; ``null`` for not at all.
HoldMinutes = Annotated[int | None, Field(ge=editing.DELAY_MINUTES[0], le=editing.DELAY_MINUTES[-1])]


class Filter(ResponseModel):
    """A filter. What it asks comes as JSON and as ``text``, one line; both are empty if it can’t be read.

    A ``oneshot`` filter switches itself off after one message. One with ``hold_minutes`` keeps back for so
    long that something failed, and says nothing if it recovers meanwhile. ``snoozed_until`` is when it’s on
    again; ``note`` says why it was switched off, if its owner didn’t. ``version`` counts the changes of what
    it asks and of what it’s called.
    """

    id: int
    context: KeptContext
    position: int
    name: str
    expression: AnsweredExpression | None
    text: str
    enabled: bool
    oneshot: bool
    hold_minutes: int | None
    snoozed_until: datetime | None
    note: str | None
    version: int

    @classmethod
    def of(cls, row: FilterRow, context: str, rule_types: RuleTypes) -> Self:
        """A filter that is kept."""
        expression = row.stored.expression_or_none
        return cls(
            id=row.id, context=context, position=row.position, name=row.name,
            expression=expression_to_json(expression) if expression else None,
            text=print_expression(expression, rule_types) if expression else "",
            enabled=row.enabled, oneshot=row.oneshot, hold_minutes=row.hold_minutes,
            snoozed_until=row.snoozed_until, note=row.stop_reason, version=row.version)


class Filters(ResponseModel):
    """The filters of a context. Of those that fit a message, the first one counts."""

    filters: list[Filter]


class Undoable(ResponseModel):
    """What takes back what was done, for a day; ``null`` if nothing was."""

    undo: int | None


class Undone(ResponseModel):
    """The names of the filters that are there again; none if they were already."""

    context: KeptContext
    restored: list[str]


class NewFilter(RequestModel):
    """A filter as it’s to be."""

    name: Name
    expression: SentExpression
    enabled: bool = True
    oneshot: bool = False
    hold_minutes: HoldMinutes = None


class Replacement(NewFilter):
    """The same in the place of what a filter was."""

    version: Version = None


class FilterChanges(RequestModel):
    """What is to be changed of a filter. What isn’t said stays as it is.

    ``null`` ends a snooze, and lets failures be told at once.
    """

    name: Name | None = None
    expression: SentExpression | None = None
    enabled: bool | None = None
    oneshot: bool | None = None
    hold_minutes: HoldMinutes = None
    snoozed_until: Annotated[AwareDatetime | None, Field(strict=False)] = None
    version: Version = None


class Move(RequestModel):
    """Where a filter goes, from 0; past the end is the end."""

    position: Annotated[int, Field(ge=0, le=MAX_FILTERS)]


class Copy(RequestModel):
    """Where the copy goes."""

    context: Context


@operation("api_filters", "GET", Permission.READ)
def list_filters(request: Request) -> Filters:
    """List the filters of a context, in their order."""
    preference = owned_preference(request, request.read_session)
    return Filters(filters=_all(request, request.read_session, preference))


@operation("api_filters", "POST", Permission.WRITE, status=201)
def add_filter(request: Request, body: NewFilter) -> Filter:
    """Add a filter, which comes last. It counts for the next message.

    What lets the whole bus through, or can never let anything through, is refused; the operation lint tells
    what else there is to know.
    """
    expression = read_filter(request, body.expression)
    preference = owned_preference(request, request.db)
    added = editing.add_filter(
        request.db, preference, body.name, expression, enabled=body.enabled, oneshot=body.oneshot,
        hold_minutes=body.hold_minutes)
    request.response.location = request.route_path("api_filter", filter_id=added.id)
    return _shown(request, added)


@operation("api_filters", "DELETE", Permission.WRITE)
def remove_filters(request: Request) -> Undoable:
    """Delete all filters of a context."""
    return Undoable(undo=bulk.remove_all_filters(request.db, owned_preference(request, request.db)))


@operation("api_filters_reset", "POST", Permission.WRITE)
def reset_filters(request: Request) -> Undoable:
    """Put the default filters in the place of all others."""
    defaults = default_filters(request.services.rule_types)
    return Undoable(undo=bulk.reset_filters(request.db, owned_preference(request, request.db), defaults))


@operation("api_filter", "GET", Permission.READ)
def show_filter(request: Request) -> Filter:
    """Show a filter."""
    found = owned_filter(request, request.read_session)
    return Filter.of(found, _context(request.read_session, found), request.services.rule_types)


@operation("api_filter", "PUT", Permission.WRITE, fails=(409, 412))
def replace_filter(request: Request, body: Replacement) -> Filter:
    """Put another filter in its place."""
    expression = read_filter(request, body.expression)
    chosen = owned_filter(request, request.db)
    _check_version(request, chosen, body.version)
    editing.change_filter(request.db, chosen.id, name=body.name, expression=expression)
    editing.set_filter_enabled(request.db, chosen.id, enabled=body.enabled)
    editing.set_oneshot(request.db, chosen.id, oneshot=body.oneshot)
    editing.set_failure_delay(request.db, chosen.id, body.hold_minutes)
    return _shown(request, chosen)


@operation("api_filter", "PATCH", Permission.WRITE, fails=(409, 412))
def change_filter(request: Request, body: FilterChanges) -> Filter:
    """Change something of a filter: its name, what it asks, whether it’s on, when it wakes, and so on."""
    expression = None if body.expression is None else read_filter(request, body.expression)
    chosen = owned_filter(request, request.db)
    _check_version(request, chosen, body.version)
    editing.change_filter(request.db, chosen.id, name=body.name, expression=expression)
    if body.enabled is not None:
        editing.set_filter_enabled(request.db, chosen.id, enabled=body.enabled)
    if body.oneshot is not None:
        editing.set_oneshot(request.db, chosen.id, oneshot=body.oneshot)
    if "hold_minutes" in body.model_fields_set:
        editing.set_failure_delay(request.db, chosen.id, body.hold_minutes)
    if "snoozed_until" in body.model_fields_set:
        _snooze(request, chosen, body.snoozed_until)
    return _shown(request, chosen)


@operation("api_filter", "DELETE", Permission.WRITE)
def remove_filter(request: Request) -> Undoable:
    """Delete a filter."""
    return Undoable(undo=editing.remove_filter(request.db, owned_filter(request, request.db).id))


@operation("api_filter_move", "POST", Permission.WRITE)
def move_filter(request: Request, body: Move) -> Filter:
    """Move a filter to another position."""
    chosen = owned_filter(request, request.db)
    editing.move_filter(request.db, chosen.id, body.position)
    return _shown(request, chosen)


@operation("api_filter_copy", "POST", Permission.WRITE)
def copy_filter(request: Request, body: Copy) -> Filter:
    """Copy a filter to another context, unless its like is there already; shows the copy."""
    chosen = owned_filter(request, request.db)
    owned_preference(request, request.db, body.context)
    return _shown(request, editing.copy_filter(request.db, chosen.id, body.context).filter)


@operation("api_undo", "POST", Permission.WRITE)
def undo_removal(request: Request) -> Undone:
    """Take back that filters were deleted."""
    undone = undo(request.db, request.me.user_id, id_from_path(request, "undo_id"))
    return Undone(context=undone.context, restored=list(undone.names))


def _check_version(request: Request, chosen: FilterRow, in_body: int | None) -> None:
    """Whatever is to be changed, whoever says which version they saw means that one."""
    version = expected_version(request, in_body)
    _, locked = lock_filter(request.db, chosen.id)
    if version is not None and locked.version != version:
        raise ConflictError


def _snooze(request: Request, chosen: FilterRow, until: datetime | None) -> None:
    if until is not None:
        editing.snooze_filter(request.db, chosen.id, until, request.now)
    elif chosen.snoozed_until is not None:
        editing.set_filter_enabled(request.db, chosen.id, enabled=True)


def _all(request: Request, session: Session, preference: Preference) -> list[Filter]:
    rows: Sequence[FilterRow] = session.scalars(
        select(FilterRow).options(joinedload(FilterRow.stored))
        .where(FilterRow.preference_id == preference.id).order_by(FilterRow.position, FilterRow.id)).all()
    return [Filter.of(row, preference.context, request.services.rule_types) for row in rows]


def _shown(request: Request, row: FilterRow) -> Filter:
    request.db.flush()
    request.db.refresh(row)
    return Filter.of(row, _context(request.db, row), request.services.rule_types)


def _context(session: Session, row: FilterRow) -> str:
    return session.get_one(Preference, row.preference_id).context


OPERATIONS: Final[tuple[Operation, ...]] = (
    list_filters, add_filter, remove_filters, reset_filters, show_filter, replace_filter, change_filter,
    remove_filter, move_filter, copy_filter, undo_removal)
