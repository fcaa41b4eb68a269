"""Failing addresses: counts refusals and bounces, and switches off addresses that don't work.

Nothing is sent to an address without a confirmation, so switching one off removes its confirmation. The user
is told at all other addresses, and switches it on by confirming it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, contains_eager

from fmn.channels import Proof, channel_title, mask_address, proof_in, repair_hint
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import (
    CAME_BACK,
    CAME_BACK_ON_DAYS,
    REFUSED_IN_A_ROW,
    Reason,
    reason_text,
)
from fmn.ledger.system_deliveries import send_account_notice
from fmn.people.addresses import disable_address
from fmn.people.models import DetailValue, Preference
from fmn.people.reader_language import in_language_of
from fmn.settings import BounceSettings
from fmn.text import shorten
from fmn.translations import gettext, mark

#: Characters of an address, and of a reason, in what its owner is told.
_LONGEST_NAME: Final = 80
_LONGEST_REASON: Final = 300

_CONFIRM_AGAIN: Final = mark(
    "Once the address works again, confirm it again on the page where you added it.")

#: A row as it is now that it's locked, whatever this session knew of it before.
_FRESH: Final = {"populate_existing": True}


@dataclass(frozen=True)
class PermanentFailure:
    """A permanent failure; ``address_gone`` says that nothing can be delivered to that address."""

    reason: str
    address_gone: bool


class BounceOutcome(StrEnum):
    """What a bounce report led to."""

    RECORDED = "noted"
    SWITCHED_OFF = "address switched off"
    #: What came back isn't in the ledger, any more.
    UNKNOWN = "no such delivery"
    TOO_OLD = "sent too long ago"
    #: It was noted before, or was never sent.
    ALREADY_RECORDED = "noted before"


def record_permanent_failure(
    session: Session, delivery_id: int, failure: PermanentFailure, now: datetime, limits: BounceSettings,
) -> bool:
    """Count a delivery's permanent failure; returns whether that switched its address off."""
    address = _address(session, delivery_id)
    if address is None or address.confirmed_at is None:
        return False
    if failure.address_gone:
        return _switch_off(session, address, failure.reason, now)
    since = address.failing_since
    if since is None or since < address.confirmed_at or _sent(session, address, since):
        address.failures, since = 0, now
    address.failures, address.failing_since = address.failures + 1, since
    # What makes a mail server refuse everybody's mail is found and mended within that time.
    lasting = timedelta(hours=limits.failing_hours)
    if address.failures < limits.failures_in_a_row or now - since < lasting:
        return False
    return _switch_off(
        session, address,
        REFUSED_IN_A_ROW.format(number=address.failures, reason=failure.reason), now)


def mark_bounced(
    session: Session, delivery_id: int, failure: PermanentFailure, now: datetime, limits: BounceSettings,
) -> BounceOutcome:
    """Mark a delivery as bounced that was sent, or is being sent. A second report changes nothing.

    If the address was confirmed again after the delivery was sent, the bounce doesn't count against the
    address.
    """
    delivery = session.scalars(
        select(Delivery).where(Delivery.id == delivery_id).with_for_update(key_share=True),
        execution_options=_FRESH).one_or_none()
    if delivery is None:
        return BounceOutcome.UNKNOWN
    if not _may_come_back(delivery):
        return BounceOutcome.ALREADY_RECORDED
    sent_at = delivery.finished_at or now
    if sent_at < now - timedelta(days=limits.ignored_after_days):
        return BounceOutcome.TOO_OLD
    delivery.state, delivery.reason = DeliveryState.FAILED, Reason.BOUNCED.with_detail(failure.reason)
    delivery.bounced_at = delivery.finished_at = now
    delivery.claimed_by = delivery.claimed_until = None
    address = _address(session, delivery_id)
    if address is None or address.confirmed_at is None or sent_at < address.confirmed_at:
        return BounceOutcome.RECORDED
    reason = CAME_BACK.format(reason=failure.reason)
    if not failure.address_gone:
        since = max(address.confirmed_at, now - timedelta(days=limits.soft_days))
        days = _days_of_bounces(session, address, since)
        if days < limits.soft_limit:
            return BounceOutcome.RECORDED
        reason = CAME_BACK_ON_DAYS.format(number=days, reason=failure.reason)
    return BounceOutcome.SWITCHED_OFF if _switch_off(
        session, address, reason, now) else BounceOutcome.RECORDED


def _may_come_back(delivery: Delivery) -> bool:
    """Whether a delivery was sent, or is being sent, and hasn't bounced yet."""
    if delivery.state == DeliveryState.WAITING:
        # It may be back before whoever sent it has recorded that. If an administrator lets it be tried again
        # after it came back, the same report once more is no news until it's sent.
        return delivery.bounced_at is None or delivery.claimed_by is not None
    return delivery.state == DeliveryState.SENT


def _address(session: Session, delivery_id: int) -> DetailValue | None:
    """The address of a delivery, locked until the transaction ends; ``None`` if it was removed."""
    return session.scalars(
        select(DetailValue).join(DetailValue.preference).options(contains_eager(DetailValue.preference))
        .join(Delivery, (Delivery.preference_id == Preference.id)
              & (Delivery.destination == DetailValue.value))
        .where(Delivery.id == delivery_id)
        .with_for_update(key_share=True, of=DetailValue), execution_options=_FRESH).one_or_none()


def _sent(session: Session, address: DetailValue, since: datetime) -> bool:
    """Whether anything was sent to the address since then."""
    return bool(session.scalar(select(exists().where(
        Delivery.preference_id == address.preference_id, Delivery.destination == address.value,
        Delivery.state == DeliveryState.SENT, Delivery.finished_at > since))))


def _days_of_bounces(session: Session, address: DetailValue, since: datetime) -> int:
    """Number of days with bounces. However many bounces one bad day brings, it counts once."""
    session.flush()
    return session.scalar(
        select(func.count(func.distinct(func.date(Delivery.bounced_at))))
        .where(Delivery.preference_id == address.preference_id, Delivery.destination == address.value,
               Delivery.bounced_at >= since)) or 0


def _switch_off(session: Session, address: DetailValue, reason: str, now: datetime) -> bool:
    context = address.preference.context
    # Where the account is the address, nobody could confirm it again.
    if proof_in(context) is Proof.ACCOUNT:
        return False
    disable_address(session, address, reason, now)
    name = shorten(mask_address(context, address.value), _LONGEST_NAME)
    user_id = address.preference.user_id
    with in_language_of(session, user_id):
        send_account_notice(
            session, user_id, gettext("Notifications to {address} are switched off").format(address=name),
            _notice(context, name, reason), now)
    return True


def _notice(context: str, name: str, reason: str) -> str:
    return "\n".join([
        gettext("Deliveries by {channel} to {address} failed: {reason}.").format(
            channel=channel_title(context), address=name,
            reason=shorten(reason_text(reason), _LONGEST_REASON).rstrip(".")),
        " ".join([
            gettext("FMN sends nothing more there."), repair_hint(context) or gettext(_CONFIRM_AGAIN),
            gettext("Your inbox has all notifications meanwhile.")])])
