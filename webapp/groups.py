"""Groups of the directory as the signed-in user may see and edit their filters.

Members see a group's filters, and so do administrators. Administrators edit them, and so do members whom an
administrator named, as long as they're members. To all others the group isn't there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPServiceUnavailable
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.group_filters import (
    MAX_NAME,
    edited_groups,
    filter_counts,
    is_editor,
    members_with_filters,
    opted_out,
)
from fmn.filters.models import Filter
from fmn.translations import gettext, mark
from webapp.directory_or_none import directory_or_none
from webapp.owned import id_from_path
from webapp.request import Request

NO_DIRECTORY: Final = mark(
    "Groups aren’t available: FMN can’t look up their members right now. Try again in a few minutes.")


@dataclass(frozen=True)
class GroupAccess:
    """A group, its members, and what the user is to it."""

    name: str
    members: frozenset[str]
    is_member: bool
    may_edit: bool

    @property
    def reached(self) -> int:
        """The number of members who get its filters unless they opted out."""
        return len(members_with_filters({self.name: self.members}, self.name))


@dataclass(frozen=True)
class ListedGroup:
    """A group in the list of the user's, and the number of its enabled filters.

    ``on`` is whether the user gets them; ``None`` if they're no member.
    """

    name: str
    filters: int
    on: bool | None
    may_edit: bool


def directory_groups(request: Request) -> Mapping[str, frozenset[str]]:
    """All groups with their members. Raises :class:`HTTPServiceUnavailable` while they aren't known."""
    directory = directory_or_none(request.services)
    if directory is None:
        raise HTTPServiceUnavailable(gettext(NO_DIRECTORY))
    return directory.groups


def listed_groups(request: Request, session: Session) -> Sequence[ListedGroup]:
    """The user's groups that have filters or whose editor they are; for administrators all that have some."""
    groups, me = directory_groups(request), request.me
    counts, edited = filter_counts(session), frozenset(edited_groups(session, me.user_id))
    out = opted_out(session, me.user_id)
    return [
        ListedGroup(
            each, counts.get(each, 0), each not in out if me.nick in groups.get(each, ()) else None,
            me.is_administrator or each in edited)
        for each in sorted({*counts, *edited})
        if me.is_administrator or me.nick in groups.get(each, ())]


def group_access(request: Request, session: Session, name: str | None = None) -> GroupAccess:
    """A group, by default the URL's. Raises :class:`HTTPNotFound` if the user has nothing to do with it."""
    group = request.matchdict["group"] if name is None else name
    members = directory_groups(request).get(group)
    if members is None or len(group) > MAX_NAME:
        raise HTTPNotFound
    me = request.me
    if not me.is_administrator and me.nick not in members:
        raise HTTPNotFound
    return GroupAccess(
        group, members, me.nick in members, me.is_administrator or is_editor(session, me.user_id, group))


def editable_group(request: Request, session: Session, name: str | None = None) -> GroupAccess:
    """A group whose filters the user may edit. Raises :class:`HTTPForbidden` otherwise."""
    access = group_access(request, session, name)
    if not access.may_edit:
        raise HTTPForbidden
    return access


def filter_of_group(request: Request, session: Session, group: GroupAccess) -> Filter:
    """A group's filter with the id in the URL. Raises :class:`HTTPNotFound`."""
    found = session.scalars(select(Filter).where(
        Filter.id == id_from_path(request, "filter_id"), Filter.group_name == group.name)).one_or_none()
    if found is None:
        raise HTTPNotFound
    return found


def group_of_filter(request: Request, filter_id: int) -> str:
    """The group of a filter that the user gets from it. Raises :class:`HTTPNotFound`."""
    session = request.read_session
    group = session.scalar(select(Filter.group_name).where(Filter.id == filter_id))
    if group is None:
        raise HTTPNotFound
    return group_access(request, session, group).name
