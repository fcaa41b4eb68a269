"""Undo of whatever changed an inbox: triage, mutes, and deletions of saved searches."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from fmn.ledger.inbox_undo import take_change
from fmn.ledger.saved_searches import DELETED, undo_deletion
from fmn.ledger.triage import undo_triage
from fmn.ledger.undoable_mutes import MUTED, undo_mutes
from fmn.text import pluralize

ALREADY_UNDONE: Final = "This was already undone."


def undo_change(session: Session, user_id: int, undo_id: int, now: datetime) -> str:
    """Undo a change of a user's inbox. Returns a sentence that says what is as before.

    Raises :class:`~sqlalchemy.exc.NoResultFound` if the user has no such undo, or not any more, and
    :class:`~fmn.errors.UserError` if there's no room.
    """
    change = take_change(session, user_id, undo_id)
    if change is None:
        return ALREADY_UNDONE
    if change["kind"] == DELETED:
        return f"Restored the saved search “{undo_deletion(session, user_id, change, now).name}”."
    if change["kind"] == MUTED:
        undo_mutes(session, user_id, change, now)
        return "Your mutes are as before."
    restored = undo_triage(session, user_id, change)
    return f"{pluralize(restored, 'notification is', 'notifications are')} as before."
