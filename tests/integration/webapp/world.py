"""What the web app's tests are about: a person, a filter, and messages that it lets through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select

from fmn.catalog import Message
from fmn.filters.editing import add_filter
from fmn.filters.expressions import ME, All, Expression, Not, Rule
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.infra.clock import utc_now
from fmn.infra.db import PublicIdMixin
from fmn.infra.public_ids import PublicId
from fmn.ledger.messages import store
from fmn.ledger.models import Notification, StoredMessage
from fmn.people.models import Preference
from fmn.wiring import Services
from tests.factories.matching import match
from tests.factories.messages import NOON
from tests.factories.people import make_person
from tests.factories.public_ids import public_id

#: What Alice's filter asks: her packages, without what she did herself, and without tags.
MINE = All((
    Rule.of("user_package_filter", {"fasnick": ME}),
    Not(Rule.of("user_filter", {"fasnick": ME})),
    Not(Rule("koji_tag")),
))
NAME = "My packages"
_numbers = count(1)


@dataclass(frozen=True)
class World:
    """Alice's rows, by their ids."""

    services: Services
    preference_id: int
    filter_id: int
    #: What links call them, though they may be deleted since.
    preference: PublicId
    chosen: PublicId

    @classmethod
    def of(cls, services: Services, expression: Expression = MINE, name: str = NAME) -> World:
        """Alice with one filter."""
        person = make_person(services.database, "alice", packages=())
        with services.database.transaction() as session:
            preference = session.get_one(Preference, person.preference_id)
            added = add_filter(session, preference, FilterSpec(name=name, expression=expression))
            session.flush()
            return cls(services, preference.id, added.id, preference.public_id, added.public_id)

    def receive_comment(self, text: str = "Works here.", author: str = "tom", package: str = "moss") -> int:
        """Somebody comments on an update of a package, and that is matched; returns the message's id."""
        message = Message(
            f"2026-comment-{next(_numbers)}", "org.fedoraproject.prod.bodhi.update.comment", NOON,
            comment(text, author, package))
        with self.services.database.transaction() as session:
            ids = store(session, [message], NOON)
        match(self.services.batch_matcher, ids)
        return ids[0]

    def receive_recent_comment(self, **what: str) -> str:
        """The same a moment ago, so that previews find it; returns the message's id on the bus."""
        message_id = self.receive_comment(**what)
        with self.services.database.transaction() as session:
            row = session.get_one(StoredMessage, message_id)
            row.sent_at = row.received_at = utc_now()
            return row.msg_id

    def notification(self, message_id: int) -> int:
        """The notification of a message."""
        with self.services.database.transaction() as session:
            return session.scalars(
                select(Notification.id).where(Notification.message_id == message_id)).one()

    def named(self, table: type[PublicIdMixin], number: int) -> PublicId:
        """What links call a row."""
        return public_id(self.services.database, table, number)

    @property
    def notifications(self) -> int:
        """How many there are."""
        with self.services.database.transaction() as session:
            return session.scalar(select(func.count()).select_from(Notification)) or 0

    @property
    def on(self) -> tuple[bool, bool]:
        """Whether the preference and the filter are switched on."""
        with self.services.database.transaction() as session:
            return (session.get_one(Preference, self.preference_id).enabled,
                    session.get_one(Filter, self.filter_id).enabled)

    @property
    def why(self) -> str:
        """The path of the page about a new message."""
        return path(
            self.services.links.why(self.named(Notification, self.notification(self.receive_comment()))))

    @property
    def stop_filter(self) -> str:
        """The path that stops the filter."""
        return path(self.services.links.unsubscribe(self.preference, self.chosen))

    @property
    def stop_all(self) -> str:
        """The path that stops the preference."""
        return path(self.services.links.unsubscribe(self.preference, None))


def path(link: str) -> str:
    """Where on the site a link leads."""
    return urlsplit(link).path


def comment(text: str, author: str, package: str) -> Mapping[str, Any]:
    """The body of a message: a comment on an update of a package."""
    return {"agent": author, "comment": {
        "author": author, "text": text, "karma": 1, "user": {"name": author},
        "update": {
            "alias": "FEDORA-2026-3f0c2a51d7", "title": f"{package}-2.4-1.fc44", "status": "testing",
            "builds": [{"nvr": f"{package}-2.4-1.fc44", "type": "rpm"}], "user": {"name": author},
        },
    }}
