"""Undo of whatever changed an inbox: triage, mutes, and deletions of saved searches."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from fmn.ledger.inbox_undo import take_change
from fmn.ledger.saved_searches import DELETED, undo_deletion
from fmn.ledger.triage import undo_triage
from fmn.ledger.undoable_mutes import MUTED, undo_mutes
from fmn.translations import gettext, mark, ngettext

ALREADY_UNDONE: Final = mark("This was already undone.")


def undo_change(session: Session, user_id: int, undo_id: int, now: datetime) -> str:
    """Undo a change of a user's inbox. Returns a sentence that says what is as before.

    Raises :class:`~sqlalchemy.exc.NoResultFound` if the user has no such undo, or not any more, and
    :class:`~fmn.errors.UserError` if there's no room.
    """
    change = take_change(session, user_id, undo_id)
    if change is None:
        return gettext(ALREADY_UNDONE)
    if change["kind"] == DELETED:
        restored = undo_deletion(session, user_id, change, now)
        return gettext("Restored the saved search “{name}”.").format(name=restored.name)
    if change["kind"] == MUTED:
        undo_mutes(session, user_id, change, now)
        return gettext("Your mutes are as before.")
    number = undo_triage(session, user_id, change)
    return ngettext("{n} notification is as before.", "{n} notifications are as before.", number).format(
        n=f"{number:,}")
