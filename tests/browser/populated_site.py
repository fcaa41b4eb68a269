"""An installation in which something happens: what pages show when they aren't empty."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select, update

from fmn.administration.audit_log import log_action
from fmn.catalog import catalog
from fmn.catalog.message import FEDORA_MESSAGING
from fmn.infra.clock import utc_now
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryState, StoredMessage
from fmn.ledger.quarantine import MAX_TRIES
from fmn.ledger.unreadable import UnreadableMessage, keep_unreadable
from fmn.sources.webhooks.deliveries import record_delivery
from fmn.sources.webhooks.models import Hook
from fmn.sources.webhooks.outcomes import Outcome
from fmn.wiring import Services
from tests.factories.matching import match

#: Failed for a reason that takes some room.
REASON: Final = "550 5.1.1 <alice@example.org>: Recipient address rejected: User unknown in mailbox table"
#: Examples of the catalogue that happen.
HAPPEN: Final = 60


def populate(services: Services) -> None:
    """Let the last days have brought messages, most of them delivered, and an administrator be at work.

    Workers died of one of them.
    """
    now = utc_now()
    killer, *examples = [event.example_message() for event in catalog().event_types()][:HAPPEN + 1]
    for number, message in enumerate(examples):
        moment = now - timedelta(hours=5 * number)
        with services.database.transaction() as session:
            ids = store(session, [message], moment)
        match(services.batch_matcher, ids)
    with services.database.transaction() as session:
        session.execute(
            update(StoredMessage).where(StoredMessage.id.in_(store(session, [killer], now)))
            .values(tries=MAX_TRIES))
        ids = list(session.scalars(select(Delivery.id)))
        session.execute(update(Delivery).where(Delivery.id.in_(ids[1:])).values(
            state=DeliveryState.SENT, finished_at=now))
        session.execute(update(Delivery).where(Delivery.id.in_(ids[:1])).values(
            state=DeliveryState.FAILED, reason=REASON, finished_at=now))
        keep_unreadable(session, [UnreadableMessage.of(
            FEDORA_MESSAGING, now, "org.fedoraproject.prod.oven.bake", "not-json",
            "the body isn't JSON: Expecting property name in double quotes: line 1 column 2 (char 1)",
            b"{'cake': 'lead', " + b"'layers': [1, 2, 3], " * 20)])
        log_action(session, "root", "saw preferences", "alice")
        for hook_id in (None, session.scalars(select(Hook.id)).first()):
            for outcome in (Outcome.ACCEPTED, Outcome.PING, Outcome.UNREADABLE, Outcome.NOT_FOUND):
                record_delivery(
                    session, hook_id, outcome, 10_240, now, event="pull_request_review_comment",
                    delivery_id="d0e5f8a1-b2c3-7d8e-cf0a-4a5b6c7d8e9f")
