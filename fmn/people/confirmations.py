"""Confirmation of addresses: requests to their owners, and the answers.

Anybody and anything may open the link in a mail, mail scanners among them: so opening it changes nothing, and
confirming is idempotent. For codes in place of links, see :mod:`fmn.people.reply_codes`.
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
from fmn.translations import gettext, mark

#: A row as it is now, whatever this session knew of it before it had the lock.
_FRESH: Final = {"populate_existing": True}


class _Words(NamedTuple):
    """Errors about too many requests for one address, or by one person."""

    address: str
    user: str


#: By how addresses are confirmed.
_TOO_MANY: Final[Mapping[Proof | None, _Words]] = {
    Proof.LINK: _Words(
        mark("This address was sent enough links to confirm it, see its spam folder. Try again in {wait}."),
        mark("You had enough links sent that confirm addresses. Try again in {wait}.")),
    Proof.CODE: _Words(
        mark("This address was sent enough codes to confirm it. Try again in {wait}."),
        mark("You had enough codes sent that confirm addresses. Try again in {wait}.")),
    Proof.REPLY: _Words(
        mark("You had enough codes made for this address. Try again in {wait}."),
        mark("You had enough codes made that confirm addresses. Try again in {wait}.")),
}


class ConfirmationOutcome(StrEnum):
    """Status of a link or a code, or the result of using it."""

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
    """The address of a link or a code, and its status. ``value`` is without the address's secrets.

    ``address`` is ``None`` if it was removed; ``newer_sent_at`` is when a newer one was made that still
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
    """Request an address's confirmation, for the first time or again; earlier links keep working.

    If the last request ``is_on_its_way``, it is returned again. The message itself is made by
    :func:`fmn.ledger.system_deliveries.start_confirmation`. Raises :class:`~fmn.errors.UserError`, and
    :class:`~fmn.errors.AttemptLimitError` after too many requests.
    """
    preference = address.preference
    lock_addresses(session, preference.id)
    current = _current(session, address.id)
    name = mask_address(preference.context, address.value)
    if current is None:
        raise UserError(
            gettext("{address} was removed meanwhile. Add it again if you want it.").format(address=name))
    if current.confirmed_at is not None:
        raise UserError(gettext("{address} is confirmed already.").format(address=name))
    if is_taken(session, preference.context, current.value, preference.user_id):
        raise UserError(gettext(ADDRESS_TAKEN))
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
    """The status of a link or a code; ``None`` if its account is deleted. Changes nothing."""
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
    """Confirm the address of a link or a code, if that's still valid. Returns the result."""
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
    """Delete up to ``most`` confirmations made before a moment and expired by then. Returns how many.

    Until they are deleted, links and codes can say what became of them.
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
    works = is_unexpired(asked, now) and is_current(asked.created_at, address.off_at)
    return ConfirmationOutcome.WAITING if works else ConfirmationOutcome.EXPIRED


def _again_at(session: Session, address: DetailValue, now: datetime) -> datetime | None:
    latest = _latest(session, address, now)
    return None if latest is None else latest.created_at


def _latest(session: Session, address: DetailValue, now: datetime) -> Confirmation | None:
    """The last confirmation that still works."""
    latest = session.scalars(
        select(Confirmation)
        .where(Confirmation.detail_value_id == address.id, Confirmation.expires_at > now)
        .order_by(Confirmation.id.desc()).limit(1)).one_or_none()
    return latest if latest is not None and is_current(latest.created_at, address.off_at) else None


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
        mark("Very many people confirm their addresses just now. Try again in {wait}."))


_MINUTE: Final = 60
_HOUR: Final = 3_600


def check_rate_limit(
    latest: Sequence[datetime], most: int, span: timedelta, now: datetime, sentence: str,
) -> None:
    """Raise :class:`~fmn.errors.AttemptLimitError` after ``most`` attempts within ``span``.

    ``latest`` are the times of attempts, the latest first; only the first ``most`` matter. ``sentence`` is
    the error's, with ``{wait}`` in it.
    """
    if len(latest) < most or (again := latest[most - 1] + span) <= now:
        return
    raise AttemptLimitError(gettext(sentence).format(wait=retry_in_text(again - now)), again)


def retry_in_text(wait: timedelta) -> str:
    """A waiting time for people, rounded up: in minutes, past an hour in hours."""
    seconds = wait.total_seconds()
    unit = _MINUTE if seconds <= _HOUR else _HOUR
    return duration_text(max(1, ceil(seconds / unit)) * unit)
