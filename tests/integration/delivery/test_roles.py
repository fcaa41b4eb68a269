"""Backends, and `fmn bounce`, work with the rights of their database roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.chat_commands.handler import CommandHandler
from fmn.delivery.backend import Backend
from fmn.delivery.contract import DeliveryError, RecipientOfflineError, RenderedDelivery
from fmn.delivery.retry import RetryPolicy
from fmn.delivery.signed_links import Links
from fmn.filters.rule_types import rule_types
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.deliveries import finish_sent
from fmn.ledger.event_streams import LedgerStream
from fmn.ledger.failing_addresses import BounceOutcome, PermanentFailure, mark_bounced
from fmn.ledger.models import DeliveryState
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.change_log import current_revision
from fmn.people.models import DetailValue
from fmn.settings import (
    BounceSettings,
    ConfirmationSettings,
)
from tests.factories.database_roles import RoleDatabase
from tests.factories.deliveries import states
from tests.factories.extra_channels import PARROT, other_channels
from tests.factories.fake_channels import BUSY, RecordingChannel, failing_for
from tests.factories.messages import recorded, stored
from tests.factories.people import make_person

#: There's no such mailbox, and won't be.
GONE: Final = DeliveryError("no such mailbox", permanent=True, address_gone=True)
LINKS: Final = Links("https://fmn.example.org", "of the tests")


@pytest.fixture
def codes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Channels are installed in which addresses are confirmed by codes."""
    with other_channels(tmp_path_factory.mktemp("channels")):
        yield


def test_a_backend_delivers_and_switches_off_what_does_not_work(roles: RoleDatabase, owned: Database) -> None:
    # Given four people, of whom one is elsewhere, one's mailbox is full, and one has none any more
    people = [make_person(owned, f"user{number}") for number in range(4)]
    digested = make_person(owned, "dora", digest_count=2)
    ids = recorded(owned, stored(owned, 1, 2), *(each.recipient for each in (*people, digested)),
                   now=utc_now()).deliveries["email"]
    channel = RecordingChannel()

    def before(delivery: RenderedDelivery) -> None:
        failing_for("user1@example.org", error=GONE)(delivery)
        failing_for("user2@example.org", error=BUSY)(delivery)
        failing_for("user3@example.org", error=RecipientOfflineError("not there"))(delivery)

    channel.before = before
    with closing(roles.of("backend")) as database:
        backend = Backend(database, {"email": channel}, catalog().describe, retry=RetryPolicy(),
                          claim_for=timedelta(seconds=90))
        backend.deliver("email", ids)
        LedgerStream(database).append(people[0].preference_id, "key", {"one": "{}"})

    assert roles.denied == []
    assert set(states(owned)) == {
        DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.WAITING, DeliveryState.DROPPED}
    with owned.reading() as session:
        assert session.scalars(select(DetailValue.value).where(DetailValue.off_at.is_not(None))).all() == [
            "user1@example.org"]


@pytest.mark.usefixtures("codes")
def test_a_backend_answers_what_people_say(roles: RoleDatabase, owned: Database) -> None:
    # Given Alice who confirms the nick Polly, and hears of something
    alice = make_person(owned, context=PARROT, addresses=(), unconfirmed=["polly"])
    with owned.transaction() as session:
        asked = start_confirmation(
            session, session.get_one(DetailValue, alice.address_ids[0]), utc_now(), ConfirmationSettings())
    with closing(roles.of("backend")) as database:
        chat_commands = CommandHandler(database, LINKS, rule_types, catalog().describe)
        for said in ("hello", "confirm ABCD-EFGH", f"confirm {LINKS.code(asked.public_id)}"):
            chat_commands.answer(PARROT, "polly", said)
        recorded(owned, stored(owned, 3), alice.recipient)
        for said in ("help", "stop", "start", "list filters", "list rules bodhi", "why", "mute kernel",
                     "mute kernel for 2 days", "mutes", "unmute kernel"):
            assert chat_commands.answer(PARROT, "polly", said)

    assert roles.denied == []
    with owned.reading() as session:
        assert session.get_one(DetailValue, alice.address_ids[0]).confirmed_at
        assert current_revision(session) > 0


def test_a_mail_that_came_back_switches_its_address_off(roles: RoleDatabase, owned: Database) -> None:
    # Given Alice with two addresses and a mail to each
    alice = make_person(owned, addresses=["alice@home.example.org", "alice@work.example.org"])
    ids = recorded(owned, stored(owned, 1), alice.recipient, now=utc_now()).deliveries["email"]
    with owned.transaction() as session:
        finish_sent(session, ids, utc_now())

    with closing(roles.of("bounce")) as database:
        noted = []
        for number, gone in enumerate((True, False)):
            with database.transaction() as session:
                noted.append(
                    mark_bounced(session, ids[number], PermanentFailure("no such user", address_gone=gone),
                                         utc_now(), BounceSettings()))

    assert roles.denied == []
    assert noted == [BounceOutcome.SWITCHED_OFF, BounceOutcome.RECORDED]
