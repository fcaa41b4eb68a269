"""Adds groups' filters to the profiles of their members, when the index is loaded.

So a group's filter costs a message as much as a filter that so many people share: its members have few
different profiles, and each is evaluated once. After people's own filters come those of their groups, in
order of the groups' names; an expression that somebody has twice is in their profile once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.group_filters import GroupFilters
from fmn.filters.models import GroupOptOut
from fmn.matching.index.population import Profile
from fmn.people.models import Preference, User
from fmn.people.usernames import group_of

#: People whose accounts are looked up at a time.
AT_ONCE: Final = 1_000
Value = TypeVar("Value", int, str)


class Inherited(NamedTuple):
    """What somebody gets from their groups: in which contexts, and the expressions in order."""

    nick: str
    contexts: tuple[str, ...]
    expression_ids: tuple[int, ...]


def inherited_by(
    session: Session, found: GroupFilters, user_ids: Collection[int] | None = None,
) -> Mapping[int, Inherited]:
    """What users get from their groups, by user: all users, or these. Who is sent nothing isn't in."""
    if not any(found.members.values()):
        return {}
    out = _opted_out(session, found.expressions, user_ids)
    lists: dict[tuple[str, ...], tuple[int, ...]] = {}
    inherited: dict[int, Inherited] = {}
    for user_id, (nick, contexts) in _members(session, found, user_ids).items():
        groups = tuple(each for each in found.of(nick) if (user_id, each) not in out)
        if groups:
            if groups not in lists:
                lists[groups] = tuple(dict.fromkeys(
                    chain.from_iterable(found.expressions[each] for each in groups)))
            inherited[user_id] = Inherited(nick, tuple(contexts), lists[groups])
    return inherited


def _opted_out(
    session: Session, groups: Iterable[str], user_ids: Collection[int] | None,
) -> frozenset[tuple[int, str]]:
    statement = select(GroupOptOut.user_id, GroupOptOut.group_name).where(
        GroupOptOut.group_name.in_(list(groups)))
    wanted = [statement] if user_ids is None else [
        statement.where(GroupOptOut.user_id.in_(each)) for each in _chunks(user_ids)]
    return frozenset((user_id, group) for some in wanted for user_id, group in session.execute(some))


def _members(
    session: Session, found: GroupFilters, user_ids: Collection[int] | None,
) -> Mapping[int, tuple[str, list[str]]]:
    """The nicks of members, or of users, and the contexts that they switched on."""
    statement = (
        select(User.id, User.nick, Preference.context).join(Preference, Preference.user_id == User.id)
        .where(Preference.enabled).order_by(User.id, Preference.context))
    wanted = [User.id.in_(each) for each in _chunks(user_ids)] if user_ids is not None else [
        User.nick.in_(each) for each in _chunks(frozenset[str]().union(*found.members.values()))]
    people: dict[int, tuple[str, list[str]]] = {}
    for some in wanted:
        for user_id, nick, context in session.execute(statement.where(some)):
            people.setdefault(user_id, (nick, []))[1].append(context)
    return people


def with_inherited(
    people: Iterable[tuple[int, str, Profile]], inherited: Mapping[int, Inherited],
) -> Iterator[tuple[int, str, Profile]]:
    """People with their profiles, with what they get from groups, and those who have nothing else."""
    left = dict(inherited)
    merged: dict[tuple[Profile, Inherited], Profile] = {}
    for user_id, nick, profile in people:
        more = left.pop(user_id, None)
        yield user_id, nick, profile if more is None else _merged(profile, more, merged)
    for user_id, more in left.items():
        yield user_id, more.nick, _merged((), more, merged)


def _merged(
    profile: Profile, more: Inherited, known: dict[tuple[Profile, Inherited], Profile],
) -> Profile:
    """A profile with what comes from groups, at the end; the same value for the same parts."""
    key = profile, more._replace(nick="")
    if key not in known:
        known[key] = _appended(profile, more)
    return known[key]


def _appended(profile: Profile, more: Inherited) -> Profile:
    own = {context: expression_ids for contexts, expression_ids in profile for context in contexts}
    alike: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    for context in sorted({*own, *more.contexts}):
        added = more.expression_ids if context in more.contexts else ()
        alike[tuple(dict.fromkeys((*own.get(context, ()), *added)))].append(context)
    return tuple((tuple(contexts), expression_ids) for expression_ids, contexts in alike.items())


def moved_members(known: GroupFilters, current: GroupFilters) -> frozenset[str]:
    """The nicks of those who get something else from their groups, since members or filters changed."""
    moved = set[str]()
    for group in known.expressions.keys() | current.expressions.keys():
        before, after = (each.members.get(group, frozenset()) for each in (known, current))
        if known.expressions.get(group) != current.expressions.get(group):
            moved |= before | after
        elif before is not after:
            moved |= before ^ after
    return frozenset(moved)


def ids_of(session: Session, nicks: Collection[str]) -> frozenset[int]:
    """The ids of the accounts with these nicks."""
    found = set[int]()
    for some in _chunks(nicks):
        found.update(session.scalars(select(User.id).where(User.nick.in_(some))))
    return frozenset(found)


def with_members(
    session: Session, user_ids: Collection[int], groups: Mapping[str, frozenset[str]],
) -> frozenset[int]:
    """Users who changed, with the members of the groups whose accounts are among them."""
    changed = frozenset(user_ids)
    accounts = set[str]()
    for some in _chunks(changed):
        accounts.update(session.scalars(
            select(User.nick).where(User.id.in_(some), User.nick.like("@%"))))
    nicks = frozenset[str]().union(*(groups.get(group_of(nick) or "", ()) for nick in accounts))
    return changed | ids_of(session, nicks)


def _chunks(values: Collection[Value]) -> Iterator[Sequence[Value]]:
    in_order = sorted(values)
    for start in range(0, len(in_order), AT_ONCE):
        yield in_order[start:start + AT_ONCE]
