"""Stopping a filter as an administrator: its owner is told why, and may switch it on again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.filters.models import Filter
from fmn.ledger.system_deliveries import send_account_notice
from fmn.people.change_log import filter_changed, record_change
from fmn.people.models import Preference, User
from fmn.people.reader_language import in_language_of
from fmn.translations import gettext, mark

#: Most characters of the filter's name in a mail's subject.
SHOWN: Final = 100


def stop_filter(session: Session, actor: str, filter_id: int, explanation: str, now: datetime) -> str | None:
    """Switch a filter off with a note to its owner; returns the owner's nick, ``None`` for an unknown filter.

    The note is shown beside the filter and sent to the owner's confirmed addresses.
    """
    found = session.execute(
        select(Filter, User, Preference.context).join(Preference, Preference.id == Filter.preference_id)
        .join(User, User.id == Preference.user_id)
        .where(Filter.id == filter_id).with_for_update(of=Filter)).one_or_none()
    if found is None:
        return None
    chosen, owner, context = found
    chosen.enabled, chosen.snoozed_until, chosen.stop_reason = False, None, explanation
    session.flush()  # the row before the revision, see fmn/filters/account_creation.py
    record_change(session, [owner.id], filter_changed(context, "state"))
    with in_language_of(session, owner.id):
        send_account_notice(
            session, owner.id, gettext("Your filter “{name}” was stopped").format(name=chosen.name[:SHOWN]),
            "\n\n".join([
                gettext("An administrator stopped your filter “{name}”:").format(name=chosen.name),
                explanation,
                gettext("Once you have fixed that, you can switch the filter on again.")]), now)
    log_action(session, actor, mark("stopped a filter"), owner.nick, filter=chosen.name, filter_id=chosen.id,
        note=explanation)
    return owner.nick
