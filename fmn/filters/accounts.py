"""Making accounts and giving them filters; each change is noted, so that it counts for the next message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fmn.db import insert_new
from fmn.filters.expressions import Expression, digest, expression_to_json, personal
from fmn.filters.models import Filter, StoredExpression
from fmn.people.changes import lock_changes, record_change
from fmn.people.models import DetailValue, Preference, User


def stored_expression_id(session: Session, expression: Expression) -> int:
    """The id under which an expression is stored, which it is if it wasn't yet."""
    key = digest(expression)
    known = select(StoredExpression.id).where(StoredExpression.digest == key)
    if (found := session.scalar(known)) is None:
        insert_new(session, StoredExpression, [{"digest": key, "body": expression_to_json(expression)}])
        found = session.scalars(known).one()
    return found


def add_filter(
    session: Session, preference: Preference, name: str, expression: Expression, *,
    enabled: bool = True, oneshot: bool = False,
) -> Filter:
    """Append a filter to a preference. The owner's account name in it becomes "me"."""
    lock_changes(session)
    last = session.scalar(
        select(func.max(Filter.position)).where(Filter.preference_id == preference.id))
    added = Filter(
        preference_id=preference.id,
        expression_id=stored_expression_id(session, personal(expression, preference.user.nick)),
        position=0 if last is None else last + 1,
        name=name, enabled=enabled, oneshot=oneshot,
    )
    session.add(added)
    record_change(session, [preference.user_id])
    return added


def remove_filter(session: Session, filter_id: int) -> None:
    """Delete a filter. Raises :class:`sqlalchemy.exc.NoResultFound` if there's none."""
    owner = session.scalars(
        select(Preference.user_id).join(Filter, Filter.preference_id == Preference.id)
        .where(Filter.id == filter_id)).one()
    # A matcher that records because of this filter holds it, and may have a change to record afterwards:
    # the row before the revision, as it does, or each would wait for the other.
    session.execute(delete(Filter).where(Filter.id == filter_id))
    record_change(session, [owner])


def set_enabled(session: Session, preference: Preference, *, enabled: bool) -> None:
    """Switch a context on or off for its user."""
    preference.enabled = enabled
    record_change(session, [preference.user_id])


def set_filter_enabled(session: Session, filter_id: int, *, enabled: bool) -> bool:
    """Switch a filter on or off for its user; returns whether it wasn't so already.

    Raises :class:`sqlalchemy.exc.NoResultFound` if there's none.
    """
    chosen, owner = session.execute(
        select(Filter, Preference.user_id).join(Preference, Preference.id == Filter.preference_id)
        .where(Filter.id == filter_id)).one()
    if chosen.enabled is enabled:
        return False
    chosen.enabled = enabled
    session.flush()  # the row before the revision, as in remove_filter
    record_change(session, [owner])
    return True


def create_user(
    session: Session, nick: str, contexts: Mapping[str, Sequence[str]], filters: Mapping[str, Expression], *,
    enabled: bool = True,
) -> User | None:
    """Make an account with the given filters in every context, and its confirmed addresses there.

    Unless it's ``enabled``, its contexts are switched off.

    Returns ``None`` and changes nothing if the account exists.
    """
    lock_changes(session)
    if not insert_new(session, User, [{"nick": nick}]):
        return None
    user = session.scalars(select(User).where(User.nick == nick)).one()
    expression_ids = {
        name: stored_expression_id(session, personal(expression, nick))
        for name, expression in filters.items()
    }
    for context, addresses in contexts.items():
        preference = Preference(user=user, context=context, enabled=enabled, detail_values=[
            DetailValue(value=address, confirmed_at=datetime.now(UTC)) for address in addresses
        ])
        session.add(preference)
        session.flush()
        session.add_all(
            Filter(preference_id=preference.id, expression_id=expression_id, position=position, name=name)
            for position, (name, expression_id) in enumerate(expression_ids.items()))
    record_change(session, [user.id])
    return user
