"""Letters: deliveries that aren't about notifications. Rows say what they are; words come when they're sent.

Nobody sends a task for them: the sweep finds them within seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from fmn.channels import Proof, proof_in, shown
from fmn.infra.db import insert_new
from fmn.ledger.models import Delivery, Kind, State
from fmn.people import confirmations
from fmn.people.limits import check_limit
from fmn.people.models import Confirmation, DetailValue, Preference
from fmn.people.refusals import RefusedError
from fmn.settings import ConfirmationSettings

#: Characters of a notice: what somebody reads, and every channel can take.
LONGEST_SUBJECT: Final = 150
LONGEST_TEXT: Final = 5_000


def ask_to_confirm(
    session: Session, address: DetailValue, now: datetime, settings: ConfirmationSettings,
) -> Confirmation:
    """Ask the owner of an address, for the first time or again, whether it's theirs.

    As long as a letter that asks waits to be sent, there's no second one. Where they say a code from there,
    nothing is sent: we don't talk to strangers first. Raises
    :class:`~fmn.people.refusals.RefusedError`, which is a :class:`~fmn.people.refusals.LimitError` if too
    many were asked.
    """
    asked = confirmations.request(session, address, now, settings, partial(_waits, session))
    if proof_in(address.preference.context) is not Proof.SAID:
        insert_new(session, Delivery, [
            _row(Kind.CONFIRMATION, str(asked.id), address, {"confirmation": asked.id}, now)])
    return asked


def _waits(session: Session, asked: Confirmation) -> bool:
    letter = confirmation_letters(session, [asked.id]).get(asked.id)
    return letter is not None and letter.state == State.WAITING


def send_test(session: Session, address: DetailValue, now: datetime, settings: ConfirmationSettings) -> None:
    """Send something to an address that shows that it works; pressed twice within a minute, it's one.

    Raises :class:`~fmn.people.refusals.RefusedError` unless the address is confirmed, and a
    :class:`~fmn.people.refusals.LimitError` after too many. There's no limit in all: this reaches nobody but
    who wants it.
    """
    if address.confirmed_at is None:
        name = shown(address.preference.context, address.value)
        raise RefusedError(f"{name} isn’t confirmed yet, so no test can be sent there.")
    # A few more may slip through, if somebody presses in many windows at once; nobody else gets them.
    _check_tests(session, address, now, settings)
    insert_new(session, Delivery, [_row(Kind.TEST, f"{address.id}:{_minute(now)}", address, {}, now)])


def notice(session: Session, user_id: int, subject: str, text: str, now: datetime) -> int:
    """Tell somebody something about their account; returns at how many addresses they get it.

    It goes to every confirmed one of the contexts that are switched on. The same words within a minute are
    one notice. Raises :class:`~fmn.people.refusals.RefusedError` for what is empty or too long.
    """
    _check_notice(subject, text)
    addresses = session.scalars(
        select(DetailValue).join(DetailValue.preference).options(contains_eager(DetailValue.preference))
        .where(Preference.user_id == user_id, Preference.enabled, DetailValue.confirmed_at.is_not(None))
        .order_by(DetailValue.id)).all()
    words = hashlib.sha256(f"{subject}\0{text}".encode("utf-8", "replace")).hexdigest()[:16]
    letter = {"subject": subject, "text": text}
    insert_new(session, Delivery, [
        _row(Kind.NOTICE, f"{words}:{address.id}:{_minute(now)}", address, letter, now)
        for address in addresses])
    return len(addresses)


def confirmation_letters(session: Session, confirmation_ids: Iterable[int]) -> Mapping[int, Delivery]:
    """The letters that ask to confirm, by the confirmation's id: whether they were sent, or why not."""
    ids = {f"{Kind.CONFIRMATION}:{each}": each for each in confirmation_ids}
    found = session.scalars(select(Delivery).where(Delivery.key.in_(ids)))
    return {ids[delivery.key]: delivery for delivery in found}


def _row(
    kind: Kind, what: str, address: DetailValue, letter: Mapping[str, Any], now: datetime,
) -> Mapping[str, Any]:
    return {
        "key": f"{kind}:{what}", "kind": kind, "context": address.preference.context,
        "preference_id": address.preference_id, "destination": address.value, "state": State.WAITING,
        "reason": "", "attempts": 0, "next_attempt_at": now, "hinted_at": None, "created_at": now,
        "letter": letter,
    }


def _check_tests(
    session: Session, address: DetailValue, now: datetime, settings: ConfirmationSettings,
) -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    sent = session.execute(
        select(Delivery.created_at, Delivery.preference_id, Delivery.destination)
        .join(Preference, Preference.id == Delivery.preference_id)
        .where(Preference.user_id == address.preference.user_id, Delivery.kind == Kind.TEST,
               Delivery.created_at > now - day)
        .order_by(Delivery.created_at.desc())).all()
    here = [at for at, *place in sent if place == [address.preference_id, address.value]]
    check_limit(here, settings.per_address_per_day, day, now, "Enough tests were sent to this address")
    check_limit([row.created_at for row in sent], settings.per_user_per_hour, hour, now,
                "You had enough tests sent")


def _check_notice(subject: str, text: str) -> None:
    for words, field, longest in ((subject, "subject", LONGEST_SUBJECT), (text, "text", LONGEST_TEXT)):
        if not words.strip():
            raise RefusedError(f"A notice needs a {field}.", field)
        if len(words) > longest:
            raise RefusedError(f"The {field} can have {longest:,} characters at most.", field)


def _minute(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H:%M}"
