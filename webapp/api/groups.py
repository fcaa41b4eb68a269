"""Groups whose filters the account's owner gets or edits, and opting out of them."""

from __future__ import annotations

from typing import Final

from pyramid.httpexceptions import HTTPNotFound

from fmn.filters.group_filters import editors_of, filter_counts, opt_in, opt_out, opted_out
from webapp.api.models import ResponseModel
from webapp.api.operations import Operation, operation
from webapp.groups import GroupAccess, group_access, listed_groups
from webapp.identity import Permission
from webapp.request import Request


class Group(ResponseModel):
    """A group. ``filters`` counts its enabled filters.

    ``gets_filters`` is whether you get them, ``null`` if you aren’t a member. ``may_edit`` is whether you can
    change them.
    """

    name: str
    filters: int
    gets_filters: bool | None
    may_edit: bool


class Groups(ResponseModel):
    """Groups by name."""

    groups: list[Group]


class GroupDetails(Group):
    """A group. ``filters`` counts its enabled filters, ``members`` those who get them unless they opt out.

    ``gets_filters`` is whether you get them, ``null`` if you aren’t a member. ``may_edit`` is whether you can
    change them, as can its ``editors`` and all administrators.
    """

    members: int
    editors: list[str]


@operation("api_groups", "GET", Permission.READ)
def list_groups(request: Request) -> Groups:
    """List groups: yours that have filters, and those that you edit.

    Administrators get all groups that have filters.
    """
    return Groups(groups=[
        Group(name=each.name, filters=each.filters, gets_filters=each.on, may_edit=each.may_edit)
        for each in listed_groups(request, request.read_session)])


@operation("api_group", "GET", Permission.READ)
def show_group(request: Request) -> GroupDetails:
    """Show a group.

    Members and administrators see it; to others it isn’t there.
    """
    session, group = request.read_session, group_access(request, request.read_session)
    return GroupDetails(
        name=group.name, filters=filter_counts(session).get(group.name, 0), members=group.reached,
        gets_filters=group.name not in opted_out(session, request.me.user_id) if group.is_member else None,
        may_edit=group.may_edit, editors=list(editors_of(session, group.name)))


@operation("api_group_opt_out", "PUT", Permission.WRITE, status=204)
def opt_out_of_group(request: Request) -> None:
    """Opt out of a group’s filters.

    Repeating it changes nothing.
    """
    opt_out(request.db, request.me.user_id, _joined(request).name)


@operation("api_group_opt_out", "DELETE", Permission.WRITE, status=204)
def opt_in_to_group(request: Request) -> None:
    """Opt in to a group’s filters again.

    Repeating it changes nothing.
    """
    opt_in(request.db, request.me.user_id, _joined(request).name)


def _joined(request: Request) -> GroupAccess:
    group = group_access(request, request.db)
    if not group.is_member:
        raise HTTPNotFound
    return group


OPERATIONS: Final[tuple[Operation, ...]] = (list_groups, show_group, opt_out_of_group, opt_in_to_group)
