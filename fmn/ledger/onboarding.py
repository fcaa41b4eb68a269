"""Onboarding of a new user: filters, a channel and an address, saved in one step or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.filters.bulk import replace_filters
from fmn.filters.editing import add_filter_once
from fmn.filters.expressions import expression_digest
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.presets import Preset
from fmn.filters.spec import FilterSpec
from fmn.filters.watch_subjects import FIELD
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people import addresses
from fmn.people.addresses import AddressStatus
from fmn.people.models import DetailValue, Preference, User
from fmn.people.preferences import set_enabled
from fmn.settings import Settings
from fmn.translations import gettext


class Onboarded(NamedTuple):
    """Result of onboarding: the address to confirm, ``""`` without one, and the undo of what was replaced."""

    asked: str
    undo_id: int | None


def presets_in_use(
    session: Session, preference_ids: Collection[int], presets: Sequence[Preset],
) -> Mapping[int, frozenset[str]]:
    """Keys of the presets among the preferences' filters, by preference id."""
    keys = {expression_digest(preset.expression): preset.key for preset in presets}
    rows = session.execute(
        select(Filter.preference_id, StoredExpression.digest)
        .join(StoredExpression, StoredExpression.id == Filter.expression_id)
        .where(Filter.preference_id.in_(preference_ids), StoredExpression.digest.in_(keys))).all()
    return {
        preference_id: frozenset(keys[each] for owner, each in rows if owner == preference_id)
        for preference_id in preference_ids
    }


def complete_onboarding(
    session: Session, preference: Preference, filters: Sequence[FilterSpec], address: str, now: datetime,
    settings: Settings, *, replaces: bool = False,
) -> Onboarded:
    """Give a preference filters and an address, and switch it on.

    With ``replaces`` they take the place of its filters; a second call changes nothing else. Raises
    :class:`~fmn.errors.UserError`; roll back then.
    """
    if not filters and not _has_filters(session, preference):
        raise UserError(gettext(
            "Name something to follow or choose a filter, or nothing would be sent."), FIELD)
    if replaces and not filters:
        raise UserError(gettext("Name what to follow instead of your filters."), FIELD)
    asked = start_notifications(session, preference, address, now, settings)
    undo_id = None
    if replaces:
        undo_id = replace_filters(session, preference, filters)
    else:
        for each in filters:
            add_filter_once(session, preference, each)
    return Onboarded(asked, undo_id)


def start_notifications(
    session: Session, preference: Preference, address: str, now: datetime, settings: Settings,
) -> str:
    """Switch a preference on, with an address; returns the address to confirm, ``""`` if there is none.

    Without an address it's one that the preference has. Raises :class:`~fmn.errors.UserError`.
    """
    # The account before the preference, as whoever deletes it has them: this changes both.
    session.execute(
        select(User.id).where(User.id == preference.user_id).with_for_update(key_share=True))
    asked = _use_address(session, preference, address, now, settings)
    set_enabled(session, preference, on=True)
    preference.user.set_up_at = now
    return asked


def is_newcomer(session: Session, user: User) -> bool:
    """Whether a user has yet to be onboarded: never was, and no channel has both filters and an address.

    Filters and addresses may also come from an administrator or another installation.
    """
    if user.set_up_at is not None:
        return False
    ready = exists().where(
        Preference.user_id == user.id, Filter.preference_id == Preference.id,
        DetailValue.preference_id == Preference.id)
    return not session.scalar(select(ready))


def skip_onboarding(user: User, now: datetime) -> None:
    """Don't send the user to onboarding again; it stays available."""
    user.set_up_at = user.set_up_at or now


def _has_filters(session: Session, preference: Preference) -> bool:
    return bool(session.scalar(select(exists().where(Filter.preference_id == preference.id))))


def _use_address(
    session: Session, preference: Preference, text: str, now: datetime, settings: Settings,
) -> str:
    addresses.lock_addresses(session, preference.id)
    own = addresses.list_addresses(session, [preference.id], now).get(preference.id, ())
    if addresses.implicit_addresses(preference.context, preference.user.nick):
        return ""
    if not text and not own:
        raise UserError(gettext("Say where to."), addresses.FIELD)
    if not text:
        return "" if any(each.status is AddressStatus.CONFIRMED for each in own) else own[0].value
    value = addresses.validate_address(preference.context, text, settings)
    spelt = addresses.normalize_address(value)
    found = next((each for each in own if addresses.normalize_address(each.value) == spelt), None)
    if found is not None and found.status is AddressStatus.CONFIRMED:
        return ""
    if found is not None and found.status is AddressStatus.WAITING:
        return found.value
    address = (
        addresses.add_address(session, preference, value, now) if found is None
        else session.get_one(DetailValue, found.id))
    start_confirmation(session, address, now, settings.confirmation)
    return address.value
