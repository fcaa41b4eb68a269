"""Recipients whom a mute keeps from a message now.

Muting isn't recorded: a muted recipient simply gets no notification. So mutes that are in force are asked,
and the current filters of their owners. Both may have changed since the message was matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from fmn.catalog import Facts
from fmn.catalog.threads import thread_of
from fmn.directory.snapshot import Directory
from fmn.filters.models import Mute, MuteKind
from fmn.filters.mutes import mutes_by_user
from fmn.filters.rule_types import RuleTypes
from fmn.ledger.models import Notification
from fmn.matching.compiler import Meter
from fmn.matching.index.loading import index_of
from fmn.matching.index.matching_index import EMPTY
from fmn.people.models import Preference, User

#: People whose filters are loaded at a time.
BATCH_SIZE: Final = 1_000


@dataclass(frozen=True)
class MutedRecipient:
    """A message concerns somebody in these contexts, and a mute keeps it from them.

    The mute has been there ``since`` then and lasts ``until`` then, ``None`` for ever.
    """

    nick: str
    contexts: Sequence[str]
    kind: MuteKind
    value: str
    since: datetime
    until: datetime | None


def muted_recipients(
    session: Session, message_id: int, facts: Facts, directory: Directory, rule_types: RuleTypes,
    now: datetime, *, user_id: int | None = None, meter: Meter | None = None,
) -> Iterator[MutedRecipient]:
    """Who would be notified of a message but for a mute, in the order of their ids.

    Contexts in which they were notified are left out. ``message_id`` is the ledger's; ``user_id`` restricts
    it to one person. Costs as much as there are people who muted something of the message. Raises
    :class:`~fmn.matching.compiler.EvaluationTimeoutError` if ``meter`` does.
    """
    thread = thread_of(facts)
    covering = or_(*_covering(facts, thread))
    statement = (
        select(Mute.user_id, User.nick).join(User, User.id == Mute.user_id)
        .where(covering, or_(Mute.until.is_(None), Mute.until > now)).distinct().order_by(Mute.user_id))
    if user_id is not None:
        statement = statement.where(Mute.user_id == user_id)
    nicks = {row.user_id: row.nick for row in session.execute(statement)}
    found = list(nicks)
    for ids in (found[start:start + BATCH_SIZE] for start in range(0, len(found), BATCH_SIZE)):
        mutes = {
            muted_id: mute for muted_id, of_user in mutes_by_user(session, ids, now).items()
            if (mute := of_user.active_mute(facts, lambda: thread))}
        if not mutes:
            continue
        index = index_of(session, mutes, EMPTY, rule_types, directory)
        notified = _notified(session, message_id, list(mutes))
        contexts: dict[int, list[str]] = {}
        for owner_id, context, _ in index.match(facts, directory, meter):
            if owner_id in mutes and (owner_id, context) not in notified:
                contexts.setdefault(owner_id, []).append(context)
        since = _since(session, list(contexts), covering)
        for owner_id in sorted(contexts):
            kind, value, until = mutes[owner_id]
            yield MutedRecipient(
                nicks[owner_id], sorted(contexts[owner_id]), kind, value, since[owner_id, kind, value], until)


def _covering(facts: Facts, thread: str) -> Iterator[ColumnElement[bool]]:
    """What is true of a mute that may cover a message; :class:`~fmn.filters.mutes.UserMutes` decides."""
    yield and_(Mute.kind == MuteKind.EVENT, Mute.value == facts.event.name)
    if thread:
        yield and_(Mute.kind == MuteKind.THREAD, Mute.value == thread)
    for package in facts.packages:
        named: ColumnElement[bool] = Mute.value.in_({str(package), package.name})
        if not package.namespace:
            named = or_(named, Mute.value.endswith(f"/{package.name}", autoescape=True))
        yield and_(Mute.kind == MuteKind.PACKAGE, named)


def _notified(session: Session, message_id: int, user_ids: Sequence[int]) -> frozenset[tuple[int, str]]:
    rows = session.execute(
        select(Preference.user_id, Preference.context)
        .join(Notification, Notification.preference_id == Preference.id)
        .where(Notification.message_id == message_id, Preference.user_id.in_(user_ids)))
    return frozenset((row.user_id, row.context) for row in rows)


def _since(
    session: Session, user_ids: Sequence[int], covering: ColumnElement[bool],
) -> Mapping[tuple[int, str, str], datetime]:
    """When mutes were made, by their owner, kind and value."""
    rows = session.execute(
        select(Mute.user_id, Mute.kind, Mute.value, Mute.created_at)
        .where(Mute.user_id.in_(user_ids), covering))
    return {(row.user_id, row.kind, row.value): row.created_at for row in rows}
