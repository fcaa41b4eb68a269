"""System deliveries: confirmation requests, test messages and account notices.

Rows hold the content; it's rendered when it's sent. No task is sent for them: the sweep finds them within
seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from fmn.channels import Proof, mask_address, proof_in
from fmn.errors import UserError
from fmn.infra.db import insert_new
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState
from fmn.people import confirmations
from fmn.people.confirmations import check_rate_limit
from fmn.people.models import Confirmation, DetailValue, Preference
from fmn.settings import ConfirmationSettings
from fmn.translations import gettext, mark

#: Characters of a notice: what somebody reads, and every channel can take.
LONGEST_SUBJECT: Final = 150
LONGEST_TEXT: Final = 5_000


def start_confirmation(
    session: Session, address: DetailValue, now: datetime, settings: ConfirmationSettings,
) -> Confirmation:
    """Ask the owner of an address to confirm it, for the first time or again.

    While a confirmation request waits to be sent, there's no second one. Where the owner confirms by sending
    us a code, nothing is sent: we don't write to strangers first. Raises :class:`~fmn.errors.UserError`, or
    :class:`~fmn.errors.AttemptLimitError` after too many requests.
    """
    asked = confirmations.request_confirmation(session, address, now, settings, partial(_waits, session))
    if proof_in(address.preference.context) is not Proof.REPLY:
        insert_new(session, Delivery, [
            _row(DeliveryKind.CONFIRMATION, str(asked.id), address, {"confirmation": asked.id}, now)])
    return asked


def _waits(session: Session, asked: Confirmation) -> bool:
    content = confirmation_deliveries(session, [asked.id]).get(asked.id)
    return content is not None and content.state == DeliveryState.WAITING


def send_test_message(
    session: Session, address: DetailValue, now: datetime, settings: ConfirmationSettings,
) -> None:
    """Send a test message to an address; several within a minute are one.

    Raises :class:`~fmn.errors.UserError` unless the address is confirmed, and
    :class:`~fmn.errors.AttemptLimitError` after too many. There's no global limit, since a test reaches only
    the user who wants it.
    """
    if address.confirmed_at is None:
        name = mask_address(address.preference.context, address.value)
        raise UserError(
            gettext("{address} isn’t confirmed yet, so no test can be sent there.").format(address=name))
    # A few more may slip through, if somebody presses in many windows at once; nobody else gets them.
    _check_tests(session, address, now, settings)
    insert_new(session, Delivery, [_row(DeliveryKind.TEST, f"{address.id}:{_minute(now)}", address, {}, now)])


def send_account_notice(session: Session, user_id: int, subject: str, text: str, now: datetime) -> int:
    """Send a notice about an account; returns the number of addresses.

    It goes to every confirmed address of the contexts that are switched on. The same text within a minute is
    one notice. Raises :class:`~fmn.errors.UserError` if a part is empty or too long.
    """
    _check_notice(subject, text)
    addresses = session.scalars(
        select(DetailValue).join(DetailValue.preference).options(contains_eager(DetailValue.preference))
        .where(Preference.user_id == user_id, Preference.enabled, DetailValue.confirmed_at.is_not(None))
        .order_by(DetailValue.id)).all()
    words = hashlib.sha256(f"{subject}\0{text}".encode("utf-8", "replace")).hexdigest()[:16]
    content = {"subject": subject, "text": text}
    insert_new(session, Delivery, [
        _row(DeliveryKind.NOTICE, f"{words}:{address.id}:{_minute(now)}", address, content, now)
        for address in addresses])
    return len(addresses)


def confirmation_deliveries(session: Session, confirmation_ids: Iterable[int]) -> Mapping[int, Delivery]:
    """Deliveries of confirmation requests, by confirmation id."""
    ids = {f"{DeliveryKind.CONFIRMATION}:{each}": each for each in confirmation_ids}
    found = session.scalars(select(Delivery).where(Delivery.key.in_(ids)))
    return {ids[delivery.key]: delivery for delivery in found}


def _row(
    kind: DeliveryKind, what: str, address: DetailValue, content: Mapping[str, Any], now: datetime,
) -> Mapping[str, Any]:
    return {
        "key": f"{kind}:{what}", "kind": kind, "context": address.preference.context,
        "preference_id": address.preference_id, "destination": address.value, "state": DeliveryState.WAITING,
        "reason": "", "attempts": 0, "next_attempt_at": now, "enqueued_at": None, "created_at": now,
        "system_message": content,
    }


def _check_tests(
    session: Session, address: DetailValue, now: datetime, settings: ConfirmationSettings,
) -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    sent = session.execute(
        select(Delivery.created_at, Delivery.preference_id, Delivery.destination)
        .join(Preference, Preference.id == Delivery.preference_id)
        .where(Preference.user_id == address.preference.user_id, Delivery.kind == DeliveryKind.TEST,
               Delivery.created_at > now - day)
        .order_by(Delivery.created_at.desc())).all()
    here = [at for at, *place in sent if place == [address.preference_id, address.value]]
    check_rate_limit(
        here, settings.per_address_per_day, day, now,
        mark("Enough tests were sent to this address. Try again in {wait}."))
    check_rate_limit(
        [row.created_at for row in sent], settings.per_user_per_hour, hour, now,
        mark("You had enough tests sent. Try again in {wait}."))


def _check_notice(subject: str, text: str) -> None:
    for words, field, longest in ((subject, "subject", LONGEST_SUBJECT), (text, "text", LONGEST_TEXT)):
        if not words.strip():
            raise UserError(f"A notice needs a {field}.", field)
        if len(words) > longest:
            raise UserError(f"The {field} can have {longest:,} characters at most.", field)


def _minute(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H:%M}"
