"""Confirmations: asking the owner of an address whether it's theirs, and taking their word for it.

The link in a letter may be opened by anybody and anything, mail scanners among them: looking changes
nothing, and confirming twice is confirming once. Where there's a code instead, see
:mod:`fmn.people.reply_codes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session, joinedload

from fmn.channels import Proof, mask_address, proof_in
from fmn.errors import AttemptLimitError, UserError
from fmn.people.addresses import (
    ADDRESS_TAKEN,
    is_current,
    is_taken,
    is_unexpired,
    lock_addresses,
    normalize_address,
)
from fmn.people.change_log import confirmation_changed, record_change
from fmn.people.models import Confirmation, DetailValue, Preference, User
from fmn.people.schedule_text import duration_text
from fmn.settings import ConfirmationSettings

#: A row as it is now, whatever this session knew of it before it had the lock.
_FRESH: Final = {"populate_existing": True}


class _Words(NamedTuple):
    """What is said when one address, or one person, had too many."""

    address: str
    user: str


#: By how addresses are confirmed.
_TOO_MANY: Final[Mapping[Proof | None, _Words]] = {
    Proof.LINK: _Words(
        "This address was sent enough links to confirm it, see its spam folder",
        "You had enough links sent that confirm addresses"),
    Proof.CODE: _Words(
        "This address was sent enough codes to confirm it",
        "You had enough codes sent that confirm addresses"),
    Proof.REPLY: _Words(
        "You had enough codes made for this address", "You had enough codes made that confirm addresses"),
}


class ConfirmationOutcome(StrEnum):
    """What a link or a code is good for, or what came of it."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    #: The address was removed.
    GONE = "gone"
    #: Somebody else confirmed the address meanwhile.
    TAKEN = "taken"
    #: That's no code of the address.
    WRONG = "wrong"
    #: Neither, and so many weren't that none of them works any more.
    TOO_MANY_TRIES = "worn"


@dataclass(frozen=True)
class ConfirmationResult:
    """What a link or a code stands for, and what it's good for now. ``value`` is without its secrets.

    ``address`` is ``None`` if it was removed; ``newer_sent_at`` is when another one was made that still
    works.
    """

    outcome: ConfirmationOutcome
    nick: str
    context: str
    value: str
    address: DetailValue | None = None
    newer_sent_at: datetime | None = None


class _Limit(NamedTuple):
    most: int
    span: timedelta
    among: Sequence[ColumnElement[bool]]
    what: str


def request_confirmation(
    session: Session, address: DetailValue, now: datetime, settings: ConfirmationSettings,
    is_on_its_way: Callable[[Confirmation], bool],
) -> Confirmation:
    """Note that the address's owner is asked, for the first time or again; what they had goes on working.

    Where what they were asked last ``is_on_its_way`` to them, it's that again. The letter itself is made by
    :func:`fmn.ledger.system_deliveries.start_confirmation`. Raises :class:`UserError`, which is a
    :class:`~fmn.errors.AttemptLimitError` if too many were sent.
    """
    preference = address.preference
    lock_addresses(session, preference.id)
    current = _current(session, address.id)
    name = mask_address(preference.context, address.value)
    if current is None:
        raise UserError(f"{name} was removed meanwhile. Add it again if you want it.")
    if current.confirmed_at is not None:
        raise UserError(f"{name} is confirmed already.")
    if is_taken(session, preference.context, current.value, preference.user_id):
        raise UserError(ADDRESS_TAKEN)
    latest = _latest(session, current, now)
    if latest is not None and is_unexpired(latest, now) and is_on_its_way(latest):
        return latest
    _check_limits(session, preference, normalize_address(current.value), now, settings)
    asked = Confirmation(
        user_id=preference.user_id, detail_value_id=current.id, context=preference.context,
        value=normalize_address(current.value), created_at=now,
        expires_at=now + timedelta(hours=settings.hours))
    session.add(asked)
    session.flush()
    return asked


def check_confirmation(session: Session, confirmation_id: int, now: datetime) -> ConfirmationResult | None:
    """What a link or a code is good for; ``None`` if whoever asked is gone with their account.

    Changes nothing.
    """
    row = session.execute(
        select(Confirmation, DetailValue, User.nick).join(User, User.id == Confirmation.user_id)
        .outerjoin(DetailValue, DetailValue.id == Confirmation.detail_value_id)
        .options(joinedload(DetailValue.preference))
        .where(Confirmation.id == confirmation_id), execution_options=_FRESH).one_or_none()
    if row is None:
        return None
    asked, address, nick = row
    if address is None:
        return ConfirmationResult(
            ConfirmationOutcome.GONE, nick, asked.context, mask_address(asked.context, asked.value))
    outcome = _outcome(session, asked, address, now)
    newer_sent_at = _again_at(session, address, now) if outcome is ConfirmationOutcome.EXPIRED else None
    return ConfirmationResult(
        outcome, nick, asked.context, mask_address(asked.context, address.value), address, newer_sent_at)


def confirm_address(session: Session, confirmation_id: int, now: datetime) -> ConfirmationResult | None:
    """Take the word of whoever has the link or the code, if it's still good; says what came of it."""
    asked = check_confirmation(session, confirmation_id, now)
    if asked is None or asked.address is None:
        return asked
    # Of two people who confirm one address at once, the second sees that the first one has it.
    lock_addresses(session, asked.address.preference_id)
    asked = check_confirmation(session, confirmation_id, now)
    if asked is None or asked.address is None or asked.outcome is not ConfirmationOutcome.WAITING:
        return asked
    asked.address.confirmed_at = now
    record_change(session, [asked.address.preference.user_id], confirmation_changed(asked.context))
    return check_confirmation(session, confirmation_id, now)


def delete_old_confirmations(session: Session, before: datetime, most: int) -> int:
    """Delete up to ``most`` made before then, but for what still worked at that time; returns how many.

    Until then a link that's opened late, or a code, says what became of it.
    """
    old = (
        select(Confirmation.id).where(Confirmation.created_at < before, Confirmation.expires_at < before)
        .order_by(Confirmation.created_at).limit(most))
    gone = delete(Confirmation).where(Confirmation.id.in_(old)).returning(Confirmation.id)
    return len(session.scalars(gone).all())


def _current(session: Session, address_id: int) -> DetailValue | None:
    return session.scalars(
        select(DetailValue).where(DetailValue.id == address_id), execution_options=_FRESH).one_or_none()


def _outcome(
    session: Session, asked: Confirmation, address: DetailValue, now: datetime,
) -> ConfirmationOutcome:
    if address.confirmed_at is not None:
        return ConfirmationOutcome.CONFIRMED
    if is_taken(session, asked.context, address.value, asked.user_id):
        return ConfirmationOutcome.TAKEN
    works = is_unexpired(asked, now) and is_current(asked, address)
    return ConfirmationOutcome.WAITING if works else ConfirmationOutcome.EXPIRED


def _again_at(session: Session, address: DetailValue, now: datetime) -> datetime | None:
    latest = _latest(session, address, now)
    return None if latest is None else latest.created_at


def _latest(session: Session, address: DetailValue, now: datetime) -> Confirmation | None:
    """The last one of those that still work."""
    latest = session.scalars(
        select(Confirmation)
        .where(Confirmation.detail_value_id == address.id, Confirmation.expires_at > now)
        .order_by(Confirmation.id.desc()).limit(1)).one_or_none()
    return latest if latest is not None and is_current(latest, address) else None


def _check_limits(
    session: Session, preference: Preference, value: str, now: datetime, settings: ConfirmationSettings,
) -> None:
    for limit in _limits(preference, value, settings):
        latest = session.scalars(
            select(Confirmation.created_at)
            .where(*limit.among, Confirmation.created_at > now - limit.span)
            .order_by(Confirmation.created_at.desc()).limit(limit.most)).all()
        check_rate_limit(latest, limit.most, limit.span, now, limit.what)


def _limits(preference: Preference, value: str, settings: ConfirmationSettings) -> Iterator[_Limit]:
    proof = proof_in(preference.context)
    words = _TOO_MANY.get(proof, _TOO_MANY[Proof.LINK])
    mine = Confirmation.user_id == preference.user_id
    # Where nothing is sent to an address, nobody has to be spared, and nobody can use up what is another's.
    whose = [mine] if proof is Proof.REPLY else []
    yield _Limit(
        settings.per_address_per_day, timedelta(days=1),
        [Confirmation.context == preference.context, Confirmation.value == value, *whose], words.address)
    yield _Limit(settings.per_user_per_hour, timedelta(hours=1), [mine], words.user)
    yield _Limit(
        settings.in_all_per_minute, timedelta(minutes=1), [],
        "Very many people confirm their addresses just now")


_MINUTE: Final = 60
_HOUR: Final = 3_600


def check_rate_limit(
    latest: Sequence[datetime], most: int, span: timedelta, now: datetime, what: str,
) -> None:
    """Raise :class:`AttemptLimitError` if it was done ``most`` times within the last ``span``.

    ``latest`` are the times when it was, the latest first, of which only the first ``most`` matter;
    ``what`` says what was done, as the beginning of the sentence.
    """
    if len(latest) < most or (again := latest[most - 1] + span) <= now:
        return
    raise AttemptLimitError(f"{what}. It goes again in {retry_in_text(again - now)}.", again)


def retry_in_text(wait: timedelta) -> str:
    """How long one has to wait, rather a bit more: in minutes, past an hour in hours."""
    seconds = wait.total_seconds()
    unit = _MINUTE if seconds <= _HOUR else _HOUR
    return duration_text(max(1, ceil(seconds / unit)) * unit)
