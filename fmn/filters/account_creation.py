"""Account creation: users with their preferences, confirmed addresses and first filters.

Every change is recorded in the change log, so that it applies to the next message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.catalog import Facts, JsonNode
from fmn.filters.expressions import Expression, with_me
from fmn.filters.interning import intern_expression
from fmn.filters.models import Filter
from fmn.infra.db import insert_new
from fmn.people.addresses import implicit_addresses
from fmn.people.change_log import lock_changes, preference_changed, record_change
from fmn.people.models import DetailValue, Preference, User
from fmn.people.usernames import is_username
from fmn.settings import AutocreateSettings


def create_user(
    session: Session, nick: str, contexts: Mapping[str, Sequence[str]], filters: Mapping[str, Expression], *,
    enabled: bool = True,
) -> User | None:
    """Create an account with the given filters in every context, and its confirmed addresses there.

    The contexts are switched off unless ``enabled``. Returns ``None`` and changes nothing if the account
    exists.
    """
    lock_changes(session)
    if not insert_new(session, User, [{"nick": nick}]):
        return None
    user = session.scalars(select(User).where(User.nick == nick)).one()
    expression_ids = {
        name: intern_expression(session, with_me(expression, nick))
        for name, expression in filters.items()
    }
    for context, addresses in contexts.items():
        preference = Preference(user=user, context=context, enabled=enabled, detail_values=[
            DetailValue(value=address, confirmed_at=datetime.now(UTC))
            for address in (*addresses, *implicit_addresses(context, nick))
        ])
        session.add(preference)
        session.flush()
        session.add_all(
            Filter(preference_id=preference.id, expression_id=expression_id, position=position, name=name)
            for position, (name, expression_id) in enumerate(expression_ids.items()))
    record_change(session, [user.id], *(preference_changed(context, "filters") for context in contexts))
    return user


def accounts_to_create(facts: Facts, settings: AutocreateSettings) -> frozenset[str]:
    """The usernames for which this message creates an account, unless they have one."""
    if facts.event.name not in settings.events:
        return frozenset()
    body = JsonNode(facts.message.body)
    group = body.text("group")
    if group and group not in settings.groups:
        return frozenset()
    named = body.text("user", "username") or body.text("user")
    people = {named} if named else facts.usernames - {facts.agent or ""}
    return frozenset(filter(is_username, people))
