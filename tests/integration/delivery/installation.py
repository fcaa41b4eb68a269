"""An installation with one channel, whose deliveries go through the real backend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Self

from sqlalchemy import select

from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.deliveries import enqueue_due
from fmn.ledger.models import Delivery
from fmn.ledger.system_deliveries import send_account_notice, send_test_message, start_confirmation
from fmn.people.models import Confirmation, DetailValue
from fmn.settings import (
    DatabaseSettings,
    DeliverySettings,
    EgressSettings,
    Settings,
    SettingsSection,
    WebSettings,
)
from fmn.wiring import Services
from tests.factories.messages import recorded, stored
from tests.factories.people import Person, make_person
from tests.factories.public_ids import public_id
from tests.factories.secrets import SECRET
from tests.servers.waiting import wait_until

BASE_URL = "https://fmn.example.org"
#: Where servers of tests are. Nothing is sent there unless an administrator says so.
LOOPBACK = ("127.0.0.0/8",)
_numbers = count(1)


class Installation:
    """FMN with a channel. What fails for now is due again at once.

    Without ``allowed`` networks users' addresses can't be on loopback. ``sections`` are the settings' others.
    """

    def __init__(
        self, database: Database, context: str, *, allowed: Sequence[str] = LOOPBACK,
        **sections: SettingsSection,
    ) -> None:
        self.context = context
        self.services = Services(Settings.model_validate({
            "database": DatabaseSettings(url=database.url),
            "delivery": DeliverySettings(channels=(context,), first_retry_seconds=0.001),
            "egress": EgressSettings(allowed_networks=tuple(allowed)),
            "web": WebSettings(base_url=BASE_URL, secret=SECRET),
            **sections,
        }))
        self.services.database = database

    def close(self) -> None:
        """Give back what the channel keeps."""
        self.services.backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def person(
        self, address: str, nick: str = "alice", *, confirmed: bool = True, digest_count: int | None = None,
    ) -> Person:
        """Somebody with this address."""
        addresses, unconfirmed = ([address], []) if confirmed else ([], [address])
        return make_person(
            self.services.database, nick, context=self.context, addresses=addresses, unconfirmed=unconfirmed,
            digest_count=digest_count)

    def tell(self, *concerned: Person) -> None:
        """Something happens that concerns these people, and is delivered."""
        ids = stored(self.services.database, next(_numbers))
        recorded(self.services.database, ids, *(person.recipient for person in concerned), now=utc_now())
        self.deliver()

    def ask(self, person: Person) -> int:
        """Ask whether their address is theirs; returns the confirmation's id."""
        with self.services.database.transaction() as session:
            address = session.get_one(DetailValue, person.address_ids[0])
            asked = start_confirmation(session, address, utc_now(), self.services.settings.confirmation).id
        self.deliver()
        return asked

    def code(self, confirmation: int) -> str:
        """The code that answers the question."""
        return self.services.links.code(public_id(self.services.database, Confirmation, confirmation))

    def test(self, person: Person) -> None:
        """Send a test to their address."""
        with self.services.database.transaction() as session:
            address = session.get_one(DetailValue, person.address_ids[0])
            send_test_message(session, address, utc_now(), self.services.settings.confirmation)
        self.deliver()

    def notice(self, person: Person, subject: str, text: str) -> None:
        """Tell them something about their account."""
        with self.services.database.transaction() as session:
            send_account_notice(session, person.user_id, subject, text, utc_now())
        self.deliver()

    def deliver(self) -> None:
        """Deliver what is due, once."""
        self.services.backend.deliver(self.context, self._due())

    def deliver_again(self) -> None:
        """Deliver what failed for now as soon as it's due."""
        ids = wait_until(self._due, 5.0, "nothing is due again")
        self.services.backend.deliver(self.context, ids)

    def _due(self) -> list[int]:
        with self.services.database.transaction() as session:
            waiting = session.scalars(select(Delivery).where(Delivery.state == "waiting"))
            for delivery in waiting:
                delivery.enqueued_at = None
            now = utc_now()
            return enqueue_due(session, self.context, now, now - now, 100)

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """What became of all deliveries, and why, in their order."""
        with self.services.database.transaction() as session:
            found = session.scalars(select(Delivery).order_by(Delivery.id))
            return [(delivery.state, delivery.reason) for delivery in found]

    @property
    def waits(self) -> list[timedelta]:
        """In what time each delivery that waits is due, in their order."""
        with self.services.database.transaction() as session:
            found = session.scalars(
                select(Delivery.next_attempt_at).where(Delivery.state == "waiting").order_by(Delivery.id))
            return [due - utc_now() for due in found]
