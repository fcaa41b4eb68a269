"""Filters of groups: members read them, editors and administrators change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Self, TypeVar

from pydantic import BaseModel
from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.administration.group_editing import (
    DELETED,
    MOVED,
    RESTORED,
    SAVED,
    SWITCHED,
    change_group_filters,
)
from fmn.filters.editing import add_filter_once, edit_filter, move_filter, remove_filter
from fmn.filters.expressions import Expression
from fmn.filters.group_filters import get_or_create_group_preference, group_preference
from fmn.filters.models import Filter as FilterRow
from fmn.filters.spec import FilterOptions, FilterSpec
from fmn.filters.undo import undo
from fmn.people.models import Preference
from fmn.people.usernames import group_nick
from webapp.api.etags import expected_version
from webapp.api.expressions import read_filter
from webapp.api.filters import FieldChanges, Move, NewFilter, Replacement, Undoable, shown_fields
from webapp.api.models import AnsweredExpression, ResponseModel
from webapp.api.operations import Operation, operation
from webapp.api.problems import CHALLENGE, ApiError
from webapp.groups import GroupAccess, editable_group, filter_of_group, group_access
from webapp.identity import Permission
from webapp.owned import id_from_path
from webapp.request import Request

Result = TypeVar("Result")


class GroupFilterPlace(BaseModel):
    """Where a group's filter is; declared by itself so that it comes first in an answer."""

    id: int
    group: str
    position: int


class GroupFilter(ResponseModel, FilterOptions, GroupFilterPlace):
    """A filter of a group. “Me” in its expression means the member who gets it.

    Its expression comes as JSON and as ``text``; both are empty if FMN can’t read it. Only those who may edit
    it see its ``owner_note``. ``note`` says why an administrator or FMN switched it off. ``version`` counts
    changes of the expression and the name.
    """

    expression: AnsweredExpression | None
    text: str
    note: str | None
    version: int

    @classmethod
    def of(cls, request: Request, row: FilterRow, group: GroupAccess) -> Self:
        """A filter that is kept."""
        fields = shown_fields(row, request.services.rule_types)
        if not group.may_edit:
            fields["owner_note"] = None
        return cls(group=group.name, **{name: fields[name] for name in cls.model_fields if name in fields})


class GroupFilters(ResponseModel):
    """The filters of a group. A member’s own filters come before them."""

    filters: list[GroupFilter]


class GroupUndone(ResponseModel):
    """The names of the restored filters; empty if they were already restored."""

    restored: list[str]


@operation("api_group_filters", "GET", Permission.READ)
def list_group_filters(request: Request) -> GroupFilters:
    """List the filters of a group in order."""
    group = group_access(request, request.read_session)
    rows = request.read_session.scalars(
        select(FilterRow).options(joinedload(FilterRow.stored)).where(FilterRow.group_name == group.name)
        .order_by(FilterRow.position, FilterRow.id))
    return GroupFilters(filters=[GroupFilter.of(request, row, group) for row in rows])


@operation("api_group_filters", "POST", Permission.WRITE, status=201)
def add_group_filter(request: Request, body: NewFilter) -> GroupFilter:
    """Add a filter to a group.

    It comes last, and all members get it, starting with the next message. If the group has a filter of this
    name and expression, that one is returned. A group has at most 20 filters, and 30 changes an hour.
    ``oneshot`` isn’t possible.
    """
    group = _edited(request)
    wanted = body.spec(_read(request, group, body.expression))
    preference = get_or_create_group_preference(request.db, group.name)
    added = _change(
        request, group, preference, SAVED, body.name,
        lambda session: add_filter_once(session, preference, wanted).filter)
    request.response.location = request.route_path(
        "api_group_filter", group=group.name, filter_id=added.id)
    return _shown(request, added, group)


@operation("api_group_filter", "GET", Permission.READ)
def show_group_filter(request: Request) -> GroupFilter:
    """Show a filter of a group."""
    group = group_access(request, request.read_session)
    return GroupFilter.of(request, filter_of_group(request, request.read_session, group), group)


@operation("api_group_filter", "PUT", Permission.WRITE, fails=(409, 412))
def replace_group_filter(request: Request, body: Replacement) -> GroupFilter:
    """Replace a filter of a group."""
    group = _edited(request)
    wanted = body.spec(_read(request, group, body.expression))
    return _edit(request, group, SAVED, lambda _there: wanted, body.version)


@operation("api_group_filter", "PATCH", Permission.WRITE, fails=(409, 412))
def change_group_filter(request: Request, body: FieldChanges) -> GroupFilter:
    """Change fields of a group’s filter: name, expression, on or off, delay of failures, note."""
    group = _edited(request)
    expression = None if body.expression is None else _read(request, group, body.expression)
    action = SWITCHED if body.model_fields_set <= {"enabled", "version"} else SAVED
    return _edit(request, group, action, lambda there: body.applied_to(there, expression), body.version)


@operation("api_group_filter", "DELETE", Permission.WRITE)
def remove_group_filter(request: Request) -> Undoable:
    """Delete a filter of a group.

    Its ``undo`` is one of the group.
    """
    group = _edited(request)
    chosen = filter_of_group(request, request.db, group)
    return Undoable(undo=_change(
        request, group, _preference(request, group), DELETED, chosen.name,
        lambda session: remove_filter(session, chosen.id)))


@operation("api_group_filter_move", "POST", Permission.WRITE)
def move_group_filter(request: Request, body: Move) -> GroupFilter:
    """Move a filter of a group to another position."""
    group = _edited(request)
    chosen = filter_of_group(request, request.db, group)
    _change(
        request, group, _preference(request, group), MOVED, chosen.name,
        lambda session: move_filter(session, chosen.id, body.position))
    return _shown(request, chosen, group)


@operation("api_group_undo", "POST", Permission.WRITE)
def undo_group_removal(request: Request) -> GroupUndone:
    """Undo the deletion of a group’s filter."""
    preference, undo_id = _preference(request, _edited(request)), id_from_path(request, "undo_id")
    undone = change_group_filters(
        request.db, preference, request.me.nick, RESTORED,
        lambda session: undo(session, preference.user_id, undo_id), request.now)
    return GroupUndone(restored=list(undone.names))


def _edited(request: Request) -> GroupAccess:
    """The group in the URL. Raises :class:`ApiError` if the user may see it but not edit its filters."""
    try:
        return editable_group(request, request.db)
    except HTTPForbidden:
        raise ApiError(
            403, "Only its editors and administrators can change the filters of a group.",
            headers={"WWW-Authenticate": CHALLENGE}) from None


def _preference(request: Request, group: GroupAccess) -> Preference:
    found = group_preference(request.db, group.name)
    if found is None:
        raise HTTPNotFound
    return found


def _read(request: Request, group: GroupAccess, sent: object) -> Expression:
    # An editor's own name stays: "me" is whoever gets the filter.
    return read_filter(request, sent, group_nick(group.name))


def _edit(
    request: Request, group: GroupAccess, action: str, edit: Callable[[FilterSpec], FilterSpec],
    in_body: int | None,
) -> GroupFilter:
    chosen, version = filter_of_group(request, request.db, group), expected_version(request, in_body)
    _change(
        request, group, _preference(request, group), action, chosen.name,
        lambda session: edit_filter(session, chosen.id, edit, seen=version, exact=True))
    return _shown(request, chosen, group)


def _change(
    request: Request, group: GroupAccess, preference: Preference, action: str, name: str,
    change: Callable[[Session], Result],
) -> Result:
    """Change the group's filters in the user's name."""
    return change_group_filters(
        request.db, preference, request.me.nick, action, change, request.now, filter=name,
        members=group.reached)


def _shown(request: Request, row: FilterRow, group: GroupAccess) -> GroupFilter:
    request.db.flush()
    request.db.refresh(row)
    return GroupFilter.of(request, row, group)


OPERATIONS: Final[tuple[Operation, ...]] = (
    list_group_filters, add_group_filter, show_group_filter, replace_group_filter, change_group_filter,
    remove_group_filter, move_group_filter, undo_group_removal)
