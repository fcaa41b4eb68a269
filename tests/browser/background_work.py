"""What goes on while somebody looks at pages: messages arrive, and the other processes do their work."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count
from typing import Final

from fmn.catalog import Message
from fmn.infra.clock import utc_now
from fmn.ledger.deliveries import enqueue_due
from fmn.ledger.messages import enqueue_unmatched, store
from fmn.wiring import Services
from tests.factories.matching import match
from tests.integration.webapp.world import comment
from tests.servers.smtp import ReceivedMail

#: More than ever waits in a test.
MOST: Final = 1000
AT_ONCE: Final = timedelta(0)
_numbers = count(1)


def receive_comment(services: Services, *, package: str = "moss", author: str = "tom") -> None:
    """Somebody comments on an update of a package, and the consumer takes that in."""
    now = utc_now()
    message = Message(
        f"2026-life-{next(_numbers)}", "org.fedoraproject.prod.bodhi.update.comment", now,
        comment("Works here.", author, package))
    with services.database.transaction() as session:
        store(session, [message], now)


def sweep(services: Services) -> None:
    """Do what the scheduler's sweep finds, as workers and backends do: match and deliver what waits."""
    with services.database.transaction() as session:
        unmatched = enqueue_unmatched(session, utc_now(), AT_ONCE, MOST)
    match(services.batch_matcher, unmatched)
    for context in services.contexts:
        with services.database.transaction() as session:
            due = enqueue_due(session, context, utc_now(), AT_ONCE, MOST)
        services.backend.deliver(context, due)


def link_in(mail: ReceivedMail, page: str) -> str:
    """The link to a kind of page in a mail's plain text."""
    body = mail.message.get_body(("plain",))
    assert body
    found = re.search(rf"https?://\S+/{page}/\S+", body.get_content())
    assert found, f"no link to {page} in the mail"
    return found[0]
