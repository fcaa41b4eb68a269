"""Renewal of an address that changes by itself, as browsers' push subscriptions do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.addresses import ADDRESS_TAKEN, FIELD, add_address, is_taken, lock_addresses, remove_address
from fmn.people.change_log import preference_changed, record_change
from fmn.people.models import DetailValue
from fmn.settings import Settings
from fmn.translations import gettext


def renew_address(
    session: Session, address: DetailValue, value: str, now: datetime, settings: Settings, *, proven: bool,
) -> None:
    """Let ``value`` take the place of an address. Raises :class:`~fmn.errors.UserError`.

    If it's ``proven`` that whoever confirmed the address has the new one, it's confirmed, too, and gets the
    deliveries that wait for the old one. Otherwise, and if the old one isn't confirmed, it's confirmed like
    any new address.
    """
    preference = address.preference
    lock_addresses(session, preference.id)
    session.refresh(address)
    if any(each.value == value for each in preference.detail_values):
        if address.value != value:  # it was added meanwhile
            remove_address(session, address)
        return
    if is_taken(session, preference.context, value, preference.user_id):
        raise UserError(gettext(ADDRESS_TAKEN), FIELD)
    if proven and address.confirmed_at is not None:
        _replace(session, address, value, now)
        return
    remove_address(session, address)
    session.expire(preference, ["detail_values"])
    added = add_address(session, preference, value, now)
    start_confirmation(session, added, now, settings.confirmation)


def _replace(session: Session, address: DetailValue, value: str, now: datetime) -> None:
    preference = address.preference
    session.execute(
        update(Delivery)
        .where(Delivery.preference_id == preference.id, Delivery.destination == address.value,
               Delivery.state == DeliveryState.WAITING, _is_unclaimed(now))
        .values(destination=value), execution_options={"synchronize_session": False})
    address.value, address.failures, address.failing_since = value, 0, None
    session.flush()
    record_change(session, [preference.user_id], preference_changed(preference.context, "details"))


def _is_unclaimed(now: datetime) -> ColumnElement[bool]:
    """Whether no backend is sending a delivery: that it fails mustn't count against the new address."""
    return or_(Delivery.claimed_until.is_(None), Delivery.claimed_until < now)
