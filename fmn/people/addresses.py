"""Addresses: adding, status, disabling and removing.

Changes of addresses are serialized, so that what one looked up about other people's addresses stays true
until it commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fmn.channels import Proof, channel_title, channel_type, mask_address, proof_in
from fmn.errors import UserError
from fmn.infra.public_ids import PublicId
from fmn.people.change_log import lock_changes, preference_changed, record_change
from fmn.people.models import Confirmation, DetailValue, Preference
from fmn.settings import Settings
from fmn.translations import gettext, mark

#: Addresses in a context: each gets everything, so nobody needs more.
MAX_ADDRESSES: Final = 10
#: Codes that may be typed in vain until those no longer work that were wanted: a guess has to be one of 2^40.
MAX_WRONG_CODES: Final = 10
#: The value that refusals blame.
FIELD: Final = "address"
#: Said of an address that is confirmed for another account, whose it's nobody's business.
ADDRESS_TAKEN: Final = mark(
    "This address belongs to another account here. If that one is yours too, remove the address there first; "
    "if not, ask whoever runs FMN for your project.")


class AddressStatus(StrEnum):
    """Status of an address."""

    CONFIRMED = "confirmed"
    #: A link or a code that confirms it was made, and still works.
    WAITING = "waiting"
    #: No link and no code works, if there was any at all.
    EXPIRED = "expired"
    #: It was confirmed and turned out not to work. It has to be confirmed again.
    STOPPED = "stopped"


@dataclass(frozen=True)
class ListedAddress:
    """An address and its status.

    ``since`` is when it was confirmed or disabled, or else when its last link or code was made, ``None``
    without one. ``until`` is when that expires; ``confirmation`` is its row. ``reason`` says why the address
    was disabled.
    """

    id: int
    value: str
    status: AddressStatus
    since: datetime | None
    until: datetime | None = None
    confirmation: PublicId | None = None
    reason: str = ""


def validate_address(context: str, text: str, settings: Settings) -> str:
    """The canonical form of an address as typed. Raises :class:`~fmn.errors.UserError`.

    The context's channel decides what is valid.
    """
    if context not in settings.delivery.channels:
        raise UserError(gettext("Nothing can be sent by {channel} here, so addresses can’t be added.").format(
            channel=context), FIELD)
    _check_adjustable(context)
    try:
        return channel_type(context).parse_address(text, settings)
    except ValueError as error:
        raise UserError(str(error), FIELD) from error


def implicit_addresses(context: str, nick: str) -> Sequence[str]:
    """The addresses that an account has in a context without adding any: its username, in some channels."""
    return [nick] if proof_in(context) is Proof.ACCOUNT else []


def _check_adjustable(context: str) -> None:
    if proof_in(context) is Proof.ACCOUNT:
        raise UserError(gettext("Everything by {channel} goes to your account: it has no addresses.").format(
            channel=channel_title(context)), FIELD)


def normalize_address(value: str) -> str:
    """The key by which spellings of one address are compared."""
    return value.lower()


def add_address(session: Session, preference: Preference, value: str, now: datetime) -> DetailValue:
    """Add an address, unconfirmed. Raises :class:`~fmn.errors.UserError`.

    ``value`` is what :func:`validate_address` returned.
    """
    lock_addresses(session, preference.id)
    own = session.scalars(
        select(DetailValue.value).where(DetailValue.preference_id == preference.id)).all()
    if normalize_address(value) in map(normalize_address, own):
        name = mask_address(preference.context, value)
        raise UserError(
            gettext("You have added {address} already: it’s in the list.").format(address=name), FIELD)
    if len(own) >= MAX_ADDRESSES:
        raise UserError(gettext(
            "{number} addresses are the most: remove one that you don’t need.",
        ).format(number=MAX_ADDRESSES), FIELD)
    if is_taken(session, preference.context, value, preference.user_id):
        raise UserError(gettext(ADDRESS_TAKEN), FIELD)
    added = DetailValue(preference=preference, value=value, created_at=now)
    session.add(added)
    session.flush()
    record_change(session, [preference.user_id], preference_changed(preference.context, "details"))
    return added


def remove_address(session: Session, address: DetailValue) -> None:
    """Remove an address. Pending deliveries to it are dropped, and its confirmations stop working.

    Raises :class:`~fmn.errors.UserError` for an implicit address.
    """
    preference = address.preference
    _check_adjustable(preference.context)
    lock_addresses(session, preference.id)
    if session.scalar(delete(DetailValue).where(DetailValue.id == address.id).returning(DetailValue.id)):
        record_change(session, [preference.user_id], preference_changed(preference.context, "details"))


def remove_ended(session: Session, preference: Preference, value: str) -> None:
    """Remove the addresses that were switched off for good and look like ``value``, which replaces them."""
    name = mask_address(preference.context, value)
    for each in preference.detail_values:
        if each.off_at is not None and mask_address(preference.context, each.value) == name:
            remove_address(session, each)
    session.expire(preference, ["detail_values"])


def disable_address(session: Session, address: DetailValue, reason: str, now: datetime) -> None:
    """Disable an address that doesn't work, until its owner confirms it again."""
    # Nobody has to be kept waiting, and no revision counted up: whoever sends anything asks the database
    # whether the address is confirmed.
    address.confirmed_at, address.off_at, address.off_reason = None, now, reason
    address.failures, address.failing_since = 0, None
    session.flush()


def list_addresses(
    session: Session, preference_ids: Iterable[int], now: datetime,
) -> Mapping[int, Sequence[ListedAddress]]:
    """The addresses of preferences, by the preference's id, in order of their addition."""
    latest = (
        select(func.max(Confirmation.id)).where(Confirmation.detail_value_id.is_not(None))
        .where(Confirmation.detail_value_id == DetailValue.id).correlate(DetailValue).scalar_subquery())
    rows = session.execute(
        select(DetailValue, Confirmation).outerjoin(Confirmation, Confirmation.id == latest)
        .where(DetailValue.preference_id.in_(list(preference_ids))).order_by(DetailValue.id))
    found: defaultdict[int, list[ListedAddress]] = defaultdict(list)
    for address, confirmation in rows:
        found[address.preference_id].append(_listed(address, confirmation, now))
    return found


def _listed(address: DetailValue, asked: Confirmation | None, now: datetime) -> ListedAddress:
    if address.confirmed_at is not None:
        return ListedAddress(address.id, address.value, AddressStatus.CONFIRMED, address.confirmed_at)
    waits = asked is not None and is_unexpired(asked, now) and is_current(asked.created_at, address.off_at)
    if address.off_at is not None and not waits:
        return ListedAddress(
            address.id, address.value, AddressStatus.STOPPED, address.off_at, reason=address.off_reason or "")
    if asked is None:
        return ListedAddress(address.id, address.value, AddressStatus.EXPIRED, None)
    standing = AddressStatus.WAITING if waits else AddressStatus.EXPIRED
    return ListedAddress(
        address.id, address.value, standing, asked.created_at, asked.expires_at, asked.public_id)


def is_unexpired(asked: Confirmation, now: datetime) -> bool:
    """Whether a link or code hasn't expired and its address still exists."""
    return now < asked.expires_at and asked.wrong_tries < MAX_WRONG_CODES


def is_current(asked_at: datetime, off_at: datetime | None) -> bool:
    """Whether a link or code was made for an address as it is now, not before it was disabled."""
    return off_at is None or asked_at > off_at


def confirmed_owner(session: Session, context: str, value: str) -> Preference | None:
    """The preference whose owner confirmed this address, ``None`` if nobody did."""
    return session.scalars(
        select(Preference).join(DetailValue, DetailValue.preference_id == Preference.id)
        .where(Preference.context == context, func.lower(DetailValue.value) == normalize_address(value),
               DetailValue.confirmed_at.is_not(None))).first()


def is_taken(session: Session, context: str, value: str, user_id: int) -> bool:
    """Whether somebody else confirmed the address."""
    return session.scalar(
        select(DetailValue.id).join(Preference, Preference.id == DetailValue.preference_id)
        .where(
            func.lower(DetailValue.value) == normalize_address(value), DetailValue.confirmed_at.is_not(None),
               Preference.context == context, Preference.user_id != user_id).limit(1)) is not None


def lock_addresses(session: Session, preference_id: int) -> None:
    """Serialize with other changes of addresses, and lock this preference, until the transaction ends."""
    # The row before the revision, as everybody does who changes a preference.
    preference = select(Preference.id).where(Preference.id == preference_id)
    session.execute(preference.with_for_update(key_share=True))
    lock_changes(session)
