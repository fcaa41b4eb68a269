"""Application of an import plan, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.channels import mask_address
from fmn.errors import AttemptLimitError
from fmn.filters import mutes
from fmn.filters.models import Filter
from fmn.filters.replacing import replace_filters
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people import addresses, preferences
from fmn.people.accounts import set_time_zone
from fmn.people.change_log import lock_changes
from fmn.people.models import Preference, User
from fmn.preferences_io.import_plan import ContextPlan, ImportPlan
from fmn.settings import ConfirmationSettings
from fmn.translations import gettext

#: Rows as they are now, whatever this session knew of them before it had the lock.
_FRESH: Final = {"populate_existing": True}


def apply_plan(
    session: Session, plan: ImportPlan, now: datetime, settings: ConfirmationSettings,
) -> Sequence[str]:
    """Apply a plan that was made in this transaction. Returns sentences for its owner.

    New addresses are sent their confirmation, as far as the rate limits allow.
    """
    if plan.time_zone is not None:
        set_time_zone(session, plan.user, plan.time_zone)
    # All at once: whoever changes preferences waits for us.
    mutes.unmute_all(session, plan.user.id, [row.id for row in plan.gone_mutes])
    wishes = [mutes.MuteRequest(mute.kind, mute.value, mute.until) for mute in plan.new_mutes]
    mutes.mute_all(session, plan.user.id, wishes, now)
    told: list[str] = []
    for each in plan.contexts:
        _settings(session, each)
        told += _addresses(session, each, now, settings)
    return told


def lock_for_import(session: Session, user_id: int) -> User:
    """Lock a user with all their preferences and filters until the import is done.

    Takes all locks at once and in the usual order, so that nobody deadlocks. Raises
    :class:`~sqlalchemy.exc.NoResultFound`.
    """
    own = select(User).where(User.id == user_id).with_for_update(key_share=True)
    user = session.scalars(own, execution_options=_FRESH).one()
    of_user = select(Preference).where(Preference.user_id == user_id).order_by(Preference.id)
    rows = session.scalars(of_user.with_for_update(key_share=True), execution_options=_FRESH).all()
    # Whoever records because of a filter holds it, until it's switched off maybe: wait for them, too.
    filters = select(Filter).where(Filter.preference_id.in_([row.id for row in rows])).order_by(Filter.id)
    session.scalars(filters.with_for_update(), execution_options=_FRESH).all()
    lock_changes(session)
    return user


def _settings(session: Session, plan: ContextPlan) -> None:
    preference = plan.preference
    if plan.enabled is not None:
        preferences.set_enabled(session, preference, on=plan.enabled)
    if plan.frequency is not None:
        preferences.set_frequency(session, preference, plan.frequency, None)
    if plan.quiet_hours is not None:
        preferences.set_quiet_hours(session, preference, plan.quiet_hours, None)
    if plan.presentation is not None:
        preferences.set_presentation(session, preference, plan.presentation, None)
    if plan.filters is not None and plan.filters_change:
        replace_filters(session, preference.id, plan.filters)


def _addresses(
    session: Session, plan: ContextPlan, now: datetime, settings: ConfirmationSettings,
) -> Iterator[str]:
    for gone in plan.gone_addresses:
        addresses.remove_address(session, gone)
    for value in plan.new_addresses:
        added = addresses.add_address(session, plan.preference, value, now)
        try:
            start_confirmation(session, added, now, settings)
        except AttemptLimitError as error:
            name = mask_address(plan.preference.context, value)
            yield gettext("{address} is added, but can’t be confirmed yet. {error}").format(
                address=name, error=error)
