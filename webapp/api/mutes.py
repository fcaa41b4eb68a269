"""Mutes: what the account's owner doesn't want to hear of, whichever filter lets it through."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, Field
from pyramid.httpexceptions import HTTPNotFound

from fmn.filters import mutes
from fmn.filters.models import Mute as MuteRow
from fmn.filters.models import MuteKind
from fmn.text import one_line
from webapp.api.models import RequestModel, ResponseModel
from webapp.api.operations import Operation, operation
from webapp.identity import Permission
from webapp.owned import id_from_path
from webapp.request import Request


class Mute(ResponseModel):
    """A mute of an event type, a package or a thread (by link). Without ``until``, it lasts forever."""

    id: int
    kind: MuteKind
    value: str
    until: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: MuteRow) -> Self:
        """What is known of a mute."""
        return cls(
            id=row.id, kind=MuteKind(row.kind), value=row.value, until=row.until, created_at=row.created_at)


class Mutes(ResponseModel):
    """The account’s mutes, latest first."""

    mutes: list[Mute]


class NewMute(RequestModel):
    """A mute to add."""

    kind: Annotated[MuteKind, Field(strict=False)]
    value: Annotated[str, Field(
        min_length=1, max_length=mutes.MAX_VALUE_LENGTH, pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["rpms/moss"])]
    until: Annotated[AwareDatetime | None, Field(strict=False)] = None


@operation("api_mutes", "GET", Permission.READ)
def list_mutes(request: Request) -> Mutes:
    """List mutes."""
    found = mutes.mutes_of(request.read_session, request.me.user_id, request.now)
    return Mutes(mutes=[Mute.of(row) for row in found])


@operation("api_mutes", "POST", Permission.WRITE)
def mute(request: Request, body: NewMute) -> Mute:
    """Add a mute. If it exists, only its end is changed."""
    return Mute.of(mutes.mute(
        request.db, request.me.user_id, body.kind, one_line(body.value), body.until, request.now))


@operation("api_mute", "DELETE", Permission.WRITE, status=204)
def lift_mute(request: Request) -> None:
    """Remove a mute."""
    if not mutes.unmute(request.db, request.me.user_id, id_from_path(request, "mute_id")):
        raise HTTPNotFound


OPERATIONS: Final[tuple[Operation, ...]] = (list_mutes, mute, lift_mute)
