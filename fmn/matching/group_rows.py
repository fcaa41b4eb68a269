"""Reads the groups' filters behind matches that no filter of the person's own explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from fmn.filters.group_filters import members_with_filters
from fmn.filters.models import Filter, GroupOptOut
from fmn.infra.db import Base
from fmn.matching.index.matching_index import Match
from fmn.people.models import Preference, User
from fmn.people.schedule import SCHEDULE_COLUMNS

#: The directory's groups with their members.
Groups = Mapping[str, frozenset[str]]
NO_GROUPS: Final[Groups] = {}

_PREFERENCES: Final = Base.metadata.tables[Preference.__tablename__]
_FILTERS: Final = Base.metadata.tables[Filter.__tablename__]
_USERS: Final = Base.metadata.tables[User.__tablename__]
_OPT_OUTS: Final = Base.metadata.tables[GroupOptOut.__tablename__]

_MEMBERS: Final = (
    select(_PREFERENCES.c.id, _PREFERENCES.c.user_id, _PREFERENCES.c.context, _USERS.c.nick,
           *SCHEDULE_COLUMNS)
    .join_from(_PREFERENCES, _USERS, _USERS.c.id == _PREFERENCES.c.user_id)
    .where(_PREFERENCES.c.user_id.in_(bindparam("user_ids", expanding=True)), _PREFERENCES.c.enabled)
    .with_for_update(read=True, key_share=True, of=_PREFERENCES))
_GROUP_FILTERS: Final = (
    select(_FILTERS.c.group_name, _FILTERS.c.id, _FILTERS.c.expression_id, _FILTERS.c.hold_minutes)
    .where(_FILTERS.c.group_name.is_not(None), _FILTERS.c.enabled,
           _FILTERS.c.expression_id.in_(bindparam("expression_ids", expanding=True)))
    .order_by(_FILTERS.c.group_name, _FILTERS.c.position, _FILTERS.c.id)
    .with_for_update(read=True, key_share=True))
_OPTED_OUT: Final = (
    select(_OPT_OUTS.c.user_id, _OPT_OUTS.c.group_name)
    .where(_OPT_OUTS.c.user_id.in_(bindparam("user_ids", expanding=True))))


def group_filter_rows(
    session: Session, matches: Collection[Match], groups: Groups,
) -> Iterator[Sequence[Any]]:
    """The preference and the group's filter behind each match, if there's one, as the pipeline's columns.

    Of several groups with the same expression, the first by name counts that the person is in and hasn't
    opted out of. Locks preferences and filters against deletion, in this order, as the pipeline does.
    """
    if not matches or not groups:
        return
    user_ids = list({each.user_id for each in matches})
    members = session.execute(_MEMBERS, {"user_ids": user_ids}).all()
    filters: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in session.execute(
            _GROUP_FILTERS, {"expression_ids": list({each.expression_id for each in matches})}):
        filters[row.expression_id].append(row)
    if not filters:
        return
    out = {(user_id, group) for user_id, group in session.execute(_OPTED_OUT, {"user_ids": user_ids})}
    by_context = {(row.user_id, row.context): row for row in members}
    for match in matches:
        member = by_context.get((match.user_id, match.context))
        if member is None:
            continue
        preference_id, user_id, context, nick, *schedule = member
        for group, filter_id, expression_id, hold_minutes in filters.get(match.expression_id, ()):
            if nick in members_with_filters(groups, group) and (user_id, group) not in out:
                # It can't be a one-shot filter: see fmn/filters/group_filters.py.
                yield (preference_id, user_id, context, filter_id, expression_id, False, hold_minutes,
                       *schedule)
                break
