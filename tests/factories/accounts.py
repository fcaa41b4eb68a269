"""Somebody of whom something is in every table."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from fmn.administration.models import AuditEntry, ChannelOutage, DatabaseIdentity
from fmn.digests.closing import close_due_digests
from fmn.filters.models import (
    GroupEditor,
    GroupOptOut,
    Mute,
    MuteKind,
    SharedFilters,
    StoredExpression,
    Undo,
)
from fmn.infra.db import Database
from fmn.infra.slots import Slot
from fmn.ledger.event_streams import append
from fmn.ledger.figures.models import DailyFigure, Figure, FigureBookmark
from fmn.ledger.models import (
    DelayedFailure,
    InboxUndo,
    Notification,
    PublishedEvent,
    RememberedId,
    SavedSearch,
    StoredMessage,
    UnreadableRow,
)
from fmn.people.api_tokens import create_token
from fmn.people.browser_sessions import SignInMethod
from fmn.people.models import (
    AnnouncedRevision,
    BrowserSession,
    Confirmation,
    PreferenceChange,
    PreferenceRevision,
)
from fmn.sources.backfill.models import Backfill, ReceivedUntil
from fmn.sources.webhooks.models import Hook, HookDelivery
from tests.factories.messages import NO_THROTTLING, NOON, recorded, stored
from tests.factories.people import Person, change_preference, make_person

#: Tables that have nothing of anybody, or what is everybody's, or what has to outlive accounts.
EVERYBODYS = frozenset(table.__tablename__ for table in (
    StoredMessage, StoredExpression, PreferenceChange, PreferenceRevision, AnnouncedRevision, Slot,
    AuditEntry, DatabaseIdentity, ReceivedUntil, Backfill, RememberedId, PublishedEvent, UnreadableRow,
    Hook, HookDelivery, Figure, FigureBookmark, ChannelOutage,
))


def make_full_account(database: Database, nick: str = "alice", *, first: int = 1) -> Person:
    """Somebody with something in every other table, two filters and two addresses, of which one waits.

    Five messages concern them, from the one with the number ``first`` on; two came at once.
    """
    person = make_person(database, nick, packages=("kernel", "moss"), unconfirmed=[f"{nick}@example.net"])
    recorded(database, stored(database, first, first + 1), person.recipient)
    with database.transaction() as session:
        held = session.scalars(
            select(Notification.id).where(Notification.preference_id == person.preference_id)).first()
        assert held is not None
        session.add(DelayedFailure(notification_id=held, key="of the test", until=NOON))
    change_preference(database, person, digest_count=2)
    recorded(database, stored(database, first + 2, first + 3, first + 4), person.recipient)
    close_due_digests(database, NOON + timedelta(days=1), 2, NO_THROTTLING)
    with database.transaction() as session:
        create_token(session, person.user_id, "of the test", ["read"], None)
        append(session, person.preference_id, f"{nick}'s", {f"{nick}'s event": "{}"}, NOON)
        session.add_all([
            Mute(user_id=person.user_id, kind=MuteKind.PACKAGE, value="moss"),
            BrowserSession(
                user_id=person.user_id, digest=f"{nick}'s", created_at=NOON, last_seen_at=NOON, ends_at=NOON,
                browser="Firefox on Linux", how=SignInMethod.PROVIDER),
            GroupOptOut(group_name="infra", user_id=person.user_id),
            GroupEditor(group_name="infra", user_id=person.user_id),
            Undo(preference_id=person.preference_id, filters=[]),
            DailyFigure(preference_id=person.preference_id, day=NOON.date(), filter_id=0, sent=1),
            SavedSearch(user_id=person.user_id, name=f"{nick}'s", query="is:unread"),
            InboxUndo(user_id=person.user_id, change={"kind": "done"}),
            SharedFilters(user_id=person.user_id, digest=f"{nick}'s", filters=[], created_at=NOON),
            Confirmation(
                user_id=person.user_id, detail_value_id=person.address_ids[1], context="email",
                value=f"{nick}@example.net", expires_at=NOON),
        ])
    return person
