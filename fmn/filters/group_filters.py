"""Filters of groups, which their members get unless they opt out.

A group's filters belong to an account of its own, ``@infra``, to which nobody can sign in. Its one
preference is switched off, so nobody is sent anything by it: :mod:`fmn.matching.index.group_profiles` adds
its filters to those of the group's members, after their own. Who is a member, the directory says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session, joinedload

from fmn.errors import UserError
from fmn.filters.budget_checks import cost_of_stored
from fmn.filters.locking import atomic, ordered_filters
from fmn.filters.models import Filter, GroupEditor, GroupOptOut
from fmn.infra.db import insert_new
from fmn.people.accounts import get_or_create_account
from fmn.people.change_log import record_change
from fmn.people.models import Preference, User
from fmn.people.usernames import group_nick
from fmn.translations import gettext

#: The context of a group's preference, which is no channel.
GROUP_CONTEXT: Final = "group"
#: Filters of a group, and slow rules in them: a person has room for ten times as many of their own.
MAX_GROUP_FILTERS: Final = 20
MAX_SLOW_RULES: Final = 5
#: Members of a group that has filters. A larger group is "everybody", whom nobody should send anything.
MAX_MEMBERS: Final = 10_000
#: People who may be named to edit a group's filters.
MAX_EDITORS: Final = 50
#: Characters of a group's name.
MAX_NAME: Final = 190

Result = TypeVar("Result")


@dataclass(frozen=True)
class GroupFilters:
    """The groups that have enabled filters: their expressions, in order, and their members by nick."""

    expressions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, nick: str) -> Sequence[str]:
        """The groups whose filters somebody gets unless they opted out, in order of precedence."""
        return [group for group in self._in_order if nick in self.members[group]]

    @cached_property
    def _in_order(self) -> Sequence[str]:
        return sorted(self.expressions)


NO_GROUP_FILTERS: Final = GroupFilters()
_NOBODY: Final[frozenset[str]] = frozenset()


def members_with_filters(groups: Mapping[str, frozenset[str]], group: str) -> frozenset[str]:
    """The members of a group who get its filters: nobody if it's too large."""
    members = groups.get(group, _NOBODY)
    return members if len(members) <= MAX_MEMBERS else _NOBODY


def load_group_filters(session: Session, groups: Mapping[str, frozenset[str]]) -> GroupFilters:
    """The enabled filters of all groups, with the members that the directory's ``groups`` have now."""
    rows = session.execute(
        select(Filter.group_name, Filter.expression_id)
        .where(Filter.group_name.is_not(None), Filter.enabled)
        .order_by(Filter.group_name, Filter.position, Filter.id))
    found: dict[str, tuple[int, ...]] = {}
    for group, expression_id in rows:
        assert group is not None
        found[group] = (*found.get(group, ()), expression_id)
    return GroupFilters(found, {group: members_with_filters(groups, group) for group in found})


def inherited_filters(
    session: Session, user_id: int, nick: str, groups: Mapping[str, frozenset[str]],
) -> Sequence[Filter]:
    """The filters that somebody gets from their groups, enabled or not, in order of precedence."""
    own = [group for group in groups if nick in members_with_filters(groups, group)]
    return session.scalars(
        select(Filter).where(Filter.group_name.in_(own), ~exists().where(
            GroupOptOut.user_id == user_id, GroupOptOut.group_name == Filter.group_name))
        .options(joinedload(Filter.stored))
        .order_by(Filter.group_name, Filter.position, Filter.id)).all() if own else ()


def group_preference(session: Session, group: str) -> Preference | None:
    """The preference that a group's filters belong to; ``None`` if it never had any."""
    return session.scalars(
        select(Preference).join(User, User.id == Preference.user_id)
        .where(User.nick == group_nick(group), Preference.context == GROUP_CONTEXT)).one_or_none()


def get_or_create_group_preference(session: Session, group: str) -> Preference:
    """The preference that a group's filters belong to."""
    get_or_create_account(session, group_nick(group), [GROUP_CONTEXT])
    preference = group_preference(session, group)
    assert preference is not None
    return preference


@atomic
def within_group_budget(
    session: Session, preference_id: int, change: Callable[[Session], Result],
) -> Result:
    """Change a group's filters. Raises :class:`~fmn.errors.UserError` if they're over its budget then."""
    result = change(session)
    filters = ordered_filters(session, preference_id)
    if len(filters) > MAX_GROUP_FILTERS:
        raise UserError(gettext(
            "A group can have {n} filters at most: delete some first.").format(n=MAX_GROUP_FILTERS))
    if any(each.oneshot for each in filters):
        raise UserError(gettext(
            "A group’s filter can’t switch itself off: it would, for all, after one match."))
    slow = sum(cost_of_stored(each.stored).slow for each in filters if each.enabled)
    if slow > MAX_SLOW_RULES:
        raise UserError(gettext(
            "With it the group’s filters have {n} slow rules, which are tried with every message, and "
            "{most} is the most: ask for a package, person or application in the same filter.").format(
                n=slow, most=MAX_SLOW_RULES))
    return result


def opted_out(session: Session, user_id: int) -> frozenset[str]:
    """The groups whose filters a user doesn't want."""
    return frozenset(session.scalars(
        select(GroupOptOut.group_name).where(GroupOptOut.user_id == user_id)))


def opt_out(session: Session, user_id: int, group: str) -> bool:
    """Stop a group's filters for one member, from the next message on. Returns whether that's a change."""
    made = insert_new(
        session, GroupOptOut, [{"user_id": user_id, "group_name": group}], GroupOptOut.id)
    if made:
        record_change(session, [user_id])
    return bool(made)


def opt_in(session: Session, user_id: int, group: str) -> bool:
    """Let a member have the group's filters again. Returns whether that changed anything."""
    gone = session.scalars(
        delete(GroupOptOut).where(GroupOptOut.user_id == user_id, GroupOptOut.group_name == group)
        .returning(GroupOptOut.id)).all()
    if gone:
        record_change(session, [user_id])
    return bool(gone)


def is_editor(session: Session, user_id: int, group: str) -> bool:
    """Whether an administrator named this user to edit the group's filters."""
    named = select(GroupEditor.id).where(
        GroupEditor.user_id == user_id, GroupEditor.group_name == group)
    return session.scalar(named) is not None


def edited_groups(session: Session, user_id: int) -> Sequence[str]:
    """The groups whose filters a user was named to edit."""
    return session.scalars(select(GroupEditor.group_name).where(GroupEditor.user_id == user_id)).all()


def filter_counts(session: Session) -> Mapping[str, int]:
    """The number of enabled filters of each group that has some."""
    rows = session.execute(
        select(Filter.group_name, func.count()).where(Filter.group_name.is_not(None), Filter.enabled)
        .group_by(Filter.group_name))
    return {group: number for group, number in rows if group is not None}


def editors_of(session: Session, group: str) -> Sequence[str]:
    """The usernames of those who were named to edit a group's filters."""
    return session.scalars(
        select(User.nick).join(GroupEditor, GroupEditor.user_id == User.id)
        .where(GroupEditor.group_name == group).order_by(User.nick)).all()


def add_editor(session: Session, group: str, nick: str, members: Collection[str]) -> bool:
    """Let a member edit a group's filters. Returns whether that changed anything."""
    if nick not in members:
        raise UserError(gettext("{nick} isn’t a member of the group.").format(nick=nick), "nick")
    user_id = session.scalar(select(User.id).where(User.nick == nick))
    if user_id is None:
        raise UserError(gettext(
            "{nick} has no account here yet: they have to sign in once.").format(nick=nick), "nick")
    if len(editors_of(session, group)) >= MAX_EDITORS:
        raise UserError(gettext(
            "A group can have {n} editors at most: remove one first.").format(n=MAX_EDITORS), "nick")
    return bool(insert_new(
        session, GroupEditor, [{"user_id": user_id, "group_name": group}], GroupEditor.id))


def remove_editor(session: Session, group: str, nick: str) -> bool:
    """Take a member's right to edit a group's filters. Returns whether that changed anything."""
    user_ids = select(User.id).where(User.nick == nick)
    return bool(session.scalars(
        delete(GroupEditor).where(GroupEditor.group_name == group, GroupEditor.user_id.in_(user_ids))
        .returning(GroupEditor.id)).all())
