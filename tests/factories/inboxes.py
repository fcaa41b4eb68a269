"""People with an inbox, and what is in it, whatever brought it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fmn.filters.editing import add_filter
from fmn.filters.expressions import Rule
from fmn.filters.spec import FilterSpec
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState, Digest, Notification, StoredMessage
from fmn.people.models import Preference, User
from tests.factories.messages import NOON


@dataclass(frozen=True)
class SampleMessage:
    """A message as far as an inbox is searched for it."""

    topic: str = "org.example.dev.oven.cake.done"
    agent: str | None = "bob"
    usernames: Sequence[str] = ("bob",)
    packages: Sequence[str] = ("rpms/moss",)
    groups: Sequence[str] = ()
    event: str | None = None


CAKE = SampleMessage()


@dataclass
class InboxOwner:
    """Somebody with a preference and a filter in each of their contexts."""

    database: Database
    user_id: int
    preference_ids: Mapping[str, int]
    filter_ids: Mapping[str, int]
    count: int = field(default=0)

    def receives(self, what: SampleMessage = CAKE, **how: Any) -> int:
        """The same as :meth:`receives_in` in a transaction of its own."""
        with self.database.transaction() as session:
            return self.receives_in(session, what, **how)

    def receives_in(
        self, session: Session, what: SampleMessage = CAKE, *, context: str = "email",
        state: DeliveryState = DeliveryState.SENT,
        reason: str = "", read: bool = False, at: datetime = NOON,
    ) -> int:
        """A notification comes in, and what it's sent with; returns its id."""
        notification = self._notification(what, context, at)
        notification.read_at = at if read else None
        session.add(notification)
        session.flush()
        session.add(
            self._delivery(DeliveryKind.SINGLE, context, state, reason, at, notification_id=notification.id))
        return notification.id

    def receives_digest(
        self, whats: Sequence[SampleMessage], *, context: str = "email",
        state: DeliveryState | None = DeliveryState.SENT,
        at: datetime = NOON,
    ) -> Sequence[int]:
        """Notifications come in, and their digest, unless they wait for it; returns their ids."""
        with self.database.transaction() as session:
            notifications = [self._notification(what, context, at, batched=True) for what in whats]
            session.add_all(notifications)
            session.flush()
            ids = [each.id for each in notifications]
            if state is not None:
                digest = Digest(preference_id=self.preference_ids[context], first_notification_id=ids[0])
                session.add(digest)
                session.flush()
                session.add(self._delivery(DeliveryKind.DIGEST, context, state, "", at, digest_id=digest.id))
                for each in notifications:
                    each.digest_id = digest.id
            return ids

    def _delivery(
        self, kind: DeliveryKind, context: str, state: DeliveryState, reason: str, at: datetime, **what: int,
    ) -> Delivery:
        return Delivery(
            key=f"{kind}:{what}", kind=kind, context=context, state=state, reason=reason,
            preference_id=self.preference_ids[context], destination="alice@example.org",
            next_attempt_at=at, finished_at=None if state is DeliveryState.WAITING else at, **what)

    def _notification(
        self, what: SampleMessage, context: str, at: datetime, *, batched: bool = False,
    ) -> Notification:
        self.count += 1
        message = StoredMessage(
            msg_id=f"{self.user_id}-{self.count:06}", topic=what.topic, category=what.topic.split(".")[3],
            sent_at=at, received_at=at, matched_at=at, signer="", event=what.event, body={},
            agent=what.agent, usernames=list(what.usernames), packages=list(what.packages),
            groups=list(what.groups))
        return Notification(
            stored_message=message, preference_id=self.preference_ids[context],
            filter_id=self.filter_ids[context], batched=batched, created_at=at)


def make_inbox_owner(
    database: Database, nick: str = "alice", contexts: Sequence[str] = ("email", "irc"),
) -> InboxOwner:
    """Somebody with nothing in their inbox yet."""
    with database.transaction() as session:
        user = User(nick=nick)
        preferences = {context: Preference(user=user, context=context) for context in contexts}
        session.add_all(preferences.values())
        session.flush()
        filters = {
            context: add_filter(
                session, preference, FilterSpec(name=f"By {context}", expression=Rule("koji_tag")))
            for context, preference in preferences.items()}
        session.flush()
        return InboxOwner(
            database, user.id, {context: each.id for context, each in preferences.items()},
            {context: each.id for context, each in filters.items()})
