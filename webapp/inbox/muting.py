"""Mutes of the threads or packages of some notifications."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from fmn.catalog import catalog
from fmn.catalog.message_reader import no_accounts
from fmn.errors import UserError
from fmn.filters.models import MuteKind
from fmn.filters.mute_options import describe_mute, mute_options
from fmn.filters.mutes import MuteRequest
from fmn.ledger.models import Notification, StoredMessage
from fmn.ledger.undoable_mutes import mute_undoably
from fmn.people.models import Preference
from fmn.text import join_series
from fmn.translations import gettext
from webapp.directory_or_none import directory_or_none
from webapp.request import Request


def mute_subjects(
    request: Request, notification_ids: Collection[int], kind: MuteKind,
) -> tuple[str, int | None]:
    """Mute the threads or packages of the current user's notifications for ever.

    Returns what is muted, as a part of a sentence, and the undo's id. Raises
    :class:`~fmn.errors.UserError`.
    """
    values = _values(request, notification_ids, kind)
    if not values:
        raise UserError(gettext("There’s nothing of the kind in this that can be muted."))
    wishes = [MuteRequest(kind, value, None) for value in values]
    with request.db.begin_nested():
        undo = mute_undoably(request.db, request.me.user_id, wishes, request.now)
    return join_series(describe_mute(kind, value) for value in values), undo


def _values(request: Request, notification_ids: Collection[int], kind: MuteKind) -> list[str]:
    messages = request.db.scalars(
        select(StoredMessage)
        .join(Notification, Notification.message_id == StoredMessage.id)
        .join(Preference, Preference.id == Notification.preference_id)
        .where(Notification.id.in_(notification_ids), Preference.user_id == request.me.user_id)
        .order_by(StoredMessage.id))
    directory = directory_or_none(request.services)
    accounts = directory.account if directory else no_accounts
    options = (each for row in messages for each in mute_options(catalog().facts(row.message, accounts)))
    return list(dict.fromkeys(value for each in options if each.kind is kind for value in each.values))
