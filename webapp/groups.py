"""Groups of the directory as the signed-in user may see and edit their filters.

Members see a group's filters, and so do administrators. Administrators edit them, and so do members whom an
administrator named, as long as they're members. To all others the group isn't there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPServiceUnavailable
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.group_filters import MAX_NAME, group_preference, is_editor
from fmn.filters.models import Filter
from fmn.people.models import Preference
from fmn.translations import gettext, mark
from webapp.directory_or_none import directory_or_none
from webapp.owned import owned_preference
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


def directory_groups(request: Request) -> Mapping[str, frozenset[str]]:
    """All groups with their members. Raises :class:`HTTPServiceUnavailable` while they aren't known."""
    directory = directory_or_none(request.services)
    if directory is None:
        raise HTTPServiceUnavailable(gettext(NO_DIRECTORY))
    return directory.groups


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


def edited_preference(request: Request, form: Mapping[str, str]) -> Preference:
    """The preference that an editor's form is about: the user's own, or that of a group."""
    session, group = request.read_session, form.get("group", "")
    if not group:
        return owned_preference(request, session, form.get("context", ""))
    preference = group_preference(session, editable_group(request, session, group).name)
    if preference is None:
        raise HTTPNotFound
    return preference


def group_of_filter(request: Request, filter_id: int) -> str:
    """The group of a filter that the user gets from it. Raises :class:`HTTPNotFound`."""
    session = request.read_session
    group = session.scalar(select(Filter.group_name).where(Filter.id == filter_id))
    if group is None:
        raise HTTPNotFound
    return group_access(request, session, group).name
