"""Filters: what the account's owner wants to hear of in a context, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.filters import bulk, editing
from fmn.filters.default_filters import default_filters
from fmn.filters.expression_syntax import print_expression
from fmn.filters.expressions import Expression, expression_to_json
from fmn.filters.locking import MAX_FILTERS
from fmn.filters.models import Filter as FilterRow
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import DELAY_MINUTES, MAX_NAME_LENGTH, FilterOptions, FilterSpec
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

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH, examples=["My packages"])]
#: Minutes; ``null`` for not at all.
HoldMinutes = Annotated[int | None, Field(ge=DELAY_MINUTES[0], le=DELAY_MINUTES[-1])]


class FilterPlace(BaseModel):
    """Where a filter is; declared by itself so that it comes first in an answer."""

    id: int
    context: KeptContext
    position: int


class Filter(ResponseModel, FilterOptions, FilterPlace):
    """A filter. Its expression comes as JSON and as ``text``; both are empty if FMN can’t read it.

    A ``oneshot`` filter switches itself off after one match. With ``hold_minutes``, failures are delayed and
    skipped if they recover within that time. ``snoozed_until`` is when the filter switches itself on again;
    ``note`` says why an administrator or FMN switched it off. ``version`` counts changes of the expression
    and the name.
    """

    expression: AnsweredExpression | None
    text: str
    snoozed_until: datetime | None
    note: str | None
    version: int

    @classmethod
    def of(cls, row: FilterRow, context: str, rule_types: RuleTypes) -> Self:
        """A filter that is kept."""
        return cls(context=context, **shown_fields(row, rule_types))


def shown_fields(row: FilterRow, rule_types: RuleTypes) -> dict[str, Any]:
    """What is told of a filter, whosever it is."""
    expression = row.stored.expression_or_none
    return {
        **FilterSpec.of_columns(row).columns(), "id": row.id, "position": row.position,
        "expression": expression_to_json(expression) if expression else None,
        "text": print_expression(expression, rule_types) if expression else "",
        "note": row.stop_reason, "version": row.version}


class Filters(ResponseModel):
    """The filters of a context. The first matching filter wins."""

    filters: list[Filter]


class Undoable(ResponseModel):
    """Id that undoes the change within 24 hours; ``null`` if nothing was changed."""

    undo: int | None


class Undone(ResponseModel):
    """The names of the restored filters; empty if they were already restored."""

    context: KeptContext
    restored: list[str]


class NewFilter(RequestModel, FilterOptions):
    """A filter to add, or to put in the place of another."""

    name: Name
    expression: SentExpression
    hold_minutes: HoldMinutes = None


class Replacement(NewFilter):
    """The same in the place of what a filter was."""

    version: Version = None


class FieldChanges(RequestModel, FilterOptions):
    """Changes of a filter. Omitted fields stay as they are.

    ``null`` ends the delay of failures.
    """

    # ``null`` says the same as leaving these out; a filter that is saved always has them.
    name: Name | None = None  # type: ignore[assignment]
    expression: SentExpression | None = None
    enabled: bool | None = None  # type: ignore[assignment]
    oneshot: bool | None = None  # type: ignore[assignment]
    hold_minutes: HoldMinutes = None
    version: Version = None

    def applied_to(self, there: FilterSpec, expression: Expression | None) -> FilterSpec:
        """The filter with these changes; ``expression`` is the one that was sent, if any."""
        names = self.model_fields_set & FilterOptions.model_fields.keys()
        given = {name: getattr(self, name) for name in names}
        for name in ("name", "enabled", "oneshot"):
            if given.get(name, ...) is None:
                del given[name]
        wanted = there.replaced(**{**given, "expression": expression or there.expression})
        return wanted.replaced(snoozed_until=None) if "enabled" in given else wanted


class FilterChanges(FieldChanges):
    """Changes of a filter. Omitted fields stay as they are.

    ``null`` ends a snooze, and ends the delay of failures.
    """

    snoozed_until: Annotated[AwareDatetime | None, Field(strict=False)] = None


class Move(RequestModel):
    """The new position, from 0. Positions past the end mean the end."""

    position: Annotated[int, Field(ge=0, le=MAX_FILTERS)]


class Copy(RequestModel):
    """The context to copy to."""

    context: Context


@operation("api_filters", "GET", Permission.READ)
def list_filters(request: Request) -> Filters:
    """List the filters of a context in order."""
    preference = owned_preference(request, request.read_session)
    return Filters(filters=_all(request, request.read_session, preference))


@operation("api_filters", "POST", Permission.WRITE, status=201)
def add_filter(request: Request, body: NewFilter) -> Filter:
    """Add a filter at the end. It starts with the next message.

    Filters that match everything or can never match are refused; the operation lint returns further findings.
    """
    expression = read_filter(request, body.expression)
    preference = owned_preference(request, request.db)
    added = editing.add_filter(request.db, preference, body.spec(expression))
    request.response.location = request.route_path("api_filter", filter_id=added.id)
    return _shown(request, added)


@operation("api_filters", "DELETE", Permission.WRITE)
def remove_filters(request: Request) -> Undoable:
    """Delete all filters of a context."""
    return Undoable(undo=bulk.remove_all_filters(request.db, owned_preference(request, request.db)))


@operation("api_filters_reset", "POST", Permission.WRITE)
def reset_filters(request: Request) -> Undoable:
    """Replace all filters by the default filters."""
    defaults = default_filters(request.services.rule_types)
    return Undoable(undo=bulk.reset_filters(request.db, owned_preference(request, request.db), defaults))


@operation("api_filter", "GET", Permission.READ)
def show_filter(request: Request) -> Filter:
    """Show a filter."""
    found = owned_filter(request, request.read_session)
    return Filter.of(found, _context(request.read_session, found), request.services.rule_types)


@operation("api_filter", "PUT", Permission.WRITE, fails=(409, 412))
def replace_filter(request: Request, body: Replacement) -> Filter:
    """Replace a filter."""
    wanted = body.spec(read_filter(request, body.expression))
    return _edit(request, lambda _there: wanted, body.version)


@operation("api_filter", "PATCH", Permission.WRITE, fails=(409, 412))
def change_filter(request: Request, body: FilterChanges) -> Filter:
    """Change fields of a filter: name, expression, on or off, snooze and so on."""
    expression = None if body.expression is None else read_filter(request, body.expression)
    return _edit(request, lambda there: _changed(there, body, expression, request.now), body.version)


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
    """Copy a filter to another context, unless the same filter exists there; returns the copy."""
    chosen = owned_filter(request, request.db)
    owned_preference(request, request.db, body.context)
    return _shown(request, editing.copy_filter(request.db, chosen.id, body.context).filter)


@operation("api_undo", "POST", Permission.WRITE)
def undo_removal(request: Request) -> Undone:
    """Undo the deletion of filters."""
    undone = undo(request.db, request.me.user_id, id_from_path(request, "undo_id"))
    return Undone(context=undone.context, restored=list(undone.names))


def _edit(request: Request, edit: Callable[[FilterSpec], FilterSpec], in_body: int | None) -> Filter:
    """Whatever is to be changed, whoever says which version they saw means that one."""
    chosen = owned_filter(request, request.db)
    version = expected_version(request, in_body)
    return _shown(request, editing.edit_filter(request.db, chosen.id, edit, seen=version, exact=True).filter)


def _changed(
    there: FilterSpec, body: FilterChanges, expression: Expression | None, now: datetime,
) -> FilterSpec:
    wanted = body.applied_to(there, expression)
    if "snoozed_until" not in body.model_fields_set:
        return wanted
    if body.snoozed_until is not None:
        return editing.snoozed(wanted, body.snoozed_until, now)
    return wanted if wanted.snoozed_until is None else wanted.replaced(enabled=True, snoozed_until=None)


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
