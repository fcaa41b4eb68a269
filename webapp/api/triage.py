"""Triage of the inbox: what is read, done, snoozed or back in it, and undoing that."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AwareDatetime, Field, model_validator

from fmn.ledger.read_state import unread_count
from fmn.ledger.triage import Action, TriageRequest, triage, triage_all
from webapp.api.inbox import MAX_MARKED, resolve
from webapp.api.models import RequestModel, ResponseModel, RowId
from webapp.api.operations import Operation, operation
from webapp.identity import Permission
from webapp.inbox.search_query import MAX_LENGTH
from webapp.inbox.undoing import undo_change
from webapp.owned import id_from_path
from webapp.request import Request


class Triage(RequestModel):
    """What to do with which notifications: some ids, or whatever a search finds ``up_to`` an id.

    ``until`` is when snoozed ones come back.
    """

    action: Annotated[Action, Field(strict=False)]
    ids: Annotated[tuple[RowId, ...], Field(max_length=MAX_MARKED)] = ()
    q: Annotated[str, Field(max_length=MAX_LENGTH, description="A search as in the inbox.")] = ""
    up_to: RowId | None = None
    until: Annotated[AwareDatetime | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if bool(self.ids) is (self.up_to is not None):
            raise ValueError("Send either ids or up_to")
        return self


class Triaged(ResponseModel):
    """Number of notifications that changed, and the id that undoes it within 24 hours.

    ``undo`` is ``null`` if nothing changed. If there may be ``more`` to change, send the request again.
    ``unread`` counts the unread notifications that are left, up to 100.
    """

    changed: int
    undo: int | None
    more: bool
    unread: int


class TriageUndone(ResponseModel):
    """What is as it was before, and the number of unread notifications, up to 100."""

    restored: str
    unread: int


@operation("api_inbox_triage", "POST", Permission.WRITE)
def triage_inbox(request: Request, body: Triage) -> Triaged:
    """Mark notifications as read, unread or done, snooze them, or bring them back to the inbox."""
    me = request.me.user_id
    wish = TriageRequest(body.action, request.now, body.until)
    if body.up_to is None:
        result = triage(request.db, me, wish, body.ids)
    else:
        result = triage_all(request.db, me, wish, resolve(request, body.q), body.up_to)
    return Triaged(
        changed=result.changed, undo=result.undo_id, more=result.more,
        unread=unread_count(request.db, me, request.now))


@operation("api_inbox_undo", "POST", Permission.WRITE)
def undo_inbox_change(request: Request) -> TriageUndone:
    """Undo a change of the inbox."""
    me = request.me.user_id
    restored = undo_change(request.db, me, id_from_path(request, "undo_id"), request.now)
    return TriageUndone(restored=restored, unread=unread_count(request.db, me, request.now))


OPERATIONS: Final[tuple[Operation, ...]] = (triage_inbox, undo_inbox_change)
