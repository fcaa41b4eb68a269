"""Bounces: reads a returned mail, and records what it says of the delivery and its address.

What comes to a return address may be from anybody. Only an address that we signed counts, and it says which
delivery came back; of the rest we believe no more than whether it came back for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.parser import BytesHeaderParser
from functools import partial
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.delivery.email.bounce_reports import LONGEST, BounceVerdict, parse_bounce
from fmn.delivery.email.return_addresses import ReturnAddresses
from fmn.infra.public_ids import LARGEST_ID, PublicId
from fmn.ledger.failing_addresses import BounceOutcome, PermanentFailure, mark_bounced
from fmn.ledger.models import Delivery
from fmn.settings import BounceSettings

log = structlog.get_logger()

#: Where mail servers say to whom a mail came: Postfix and others, Postfix again, Exim, and its writer.
_RECIPIENTS: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


def record_bounce(
    session: Session, content: bytes, recipients: Sequence[str], addresses: ReturnAddresses, now: datetime,
    limits: BounceSettings,
) -> BounceOutcome | None:
    """Record the bounce in a mail to one of ``recipients``; ``None`` if it isn't one of a delivery.

    Where the mail server doesn't tell the recipient, the mail's header may. Twice is once.
    """
    delivery_id = addresses.read(recipients or _recipients_in(content), partial(_name_of, session))
    if delivery_id is None:
        log.warning("mail ignored that came to no return address of ours", recipients=list(recipients))
        return None
    report = parse_bounce(content)
    if report.verdict is BounceVerdict.NOTHING:
        log.info("nothing came back", delivery=delivery_id, reason=report.reason)
        return None
    failure = PermanentFailure(report.reason, address_gone=report.verdict is BounceVerdict.GONE)
    noted = mark_bounced(session, delivery_id, failure, now, limits)
    log.info(
        "mail came back", delivery=delivery_id, verdict=report.verdict.value, reason=report.reason,
        outcome=noted.value)
    return noted


def _name_of(session: Session, delivery_id: int) -> PublicId | None:
    if delivery_id > LARGEST_ID:
        return None
    row = session.execute(
        select(Delivery.id, Delivery.nonce).where(Delivery.id == delivery_id)).one_or_none()
    return row and PublicId(row.id, row.nonce)


def _recipients_in(content: bytes) -> Iterator[str]:
    header = BytesHeaderParser().parsebytes(content[:LONGEST])
    for field in _RECIPIENTS:
        yield from map(str, header.get_all(field, []))
