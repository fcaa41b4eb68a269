"""The inbox: what was sent to the account's owner, or will be."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from fmn.channels import mask_address
from fmn.directory.snapshot import Directory
from fmn.ledger.inbox import PAGE, inbox, load_entries
from fmn.ledger.inbox import InboxNotification as LedgerEntry
from fmn.ledger.inbox_filter import Criterion, InboxFilter, Subject
from fmn.ledger.inbox_paging import PagePosition
from fmn.ledger.models import Delivery as DeliveryRow
from fmn.ledger.models import DeliveryKind, DeliveryState
from fmn.ledger.read_state import mark_all_read, mark_read, unread_count
from fmn.text import one_line
from webapp.api.messages import Message
from webapp.api.models import (
    Context,
    KeptContext,
    QueryBool,
    QueryInt,
    QueryModel,
    QueryRowId,
    RequestModel,
    ResponseModel,
    RowId,
)
from webapp.api.operations import Operation, operation
from webapp.directory_or_none import directory_or_none
from webapp.identity import Permission
from webapp.inbox.search_form import resolve_search
from webapp.inbox.search_query import MAX_LENGTH
from webapp.owned import current_user, owned_notification
from webapp.request import Request

#: Notifications that are marked at once.
MAX_MARKED: Final = 200
#: Words of a text that count. Each costs the database some time.
MAX_WORDS: Final = 8


class Delivery(ResponseModel):
    """A delivery to one address, alone or in a digest; ``reason`` says why it wasn’t sent, or not yet."""

    kind: DeliveryKind
    state: DeliveryState
    destination: str
    reason: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: DeliveryRow) -> Self:
        """What is known of a delivery."""
        waits = row.state == DeliveryState.WAITING
        return cls(
            kind=DeliveryKind(row.kind), state=DeliveryState(row.state),
            destination=mask_address(row.context, row.destination),
            reason=row.reason, attempts=row.attempts, created_at=row.created_at,
            next_attempt_at=row.next_attempt_at if waits else None, finished_at=row.finished_at)


class Cause(ResponseModel):
    """The filter that matched; ``group`` is set for a filter of a group."""

    id: int
    name: str
    group: str | None


class InboxNotification(ResponseModel):
    """A notification. While it ``waits`` for a digest it has no deliveries.

    ``filter`` is ``null`` if the filter was deleted. It isn’t in the inbox once it’s done, and while it’s
    snoozed.
    """

    id: int
    context: KeptContext
    message: Message
    filter: Cause | None
    created_at: datetime
    read_at: datetime | None
    done_at: datetime | None
    snoozed_until: datetime | None
    waits: bool
    deliveries: list[Delivery]

    @classmethod
    def of(cls, entry: LedgerEntry, directory: Directory | None) -> Self:
        """A notification with its message."""
        cause = None if entry.filter_id is None else Cause(
            id=entry.filter_id, name=entry.filter_name, group=entry.filter_group)
        return cls(
            id=entry.id, context=entry.context, message=Message.of(entry.message, directory), filter=cause,
            created_at=entry.created_at, read_at=entry.read_at, done_at=entry.done_at,
            snoozed_until=entry.snoozed_until, waits=entry.awaits_digest,
            deliveries=[Delivery.of(each) for each in entry.deliveries])


class Inbox(ResponseModel):
    """A page of the inbox, newest first. ``newer`` and ``older`` are the URLs of the adjacent pages.

    ``unread`` counts all unread notifications, up to 100. ``looked_until`` is set if a search stopped early
    because there was too much to search; ``older`` continues from there.
    """

    entries: list[InboxNotification]
    newer: str | None
    older: str | None
    looked_until: datetime | None
    unread: int


class InboxQuery(QueryModel):
    """What to look for, and where to begin: ``before`` or ``after`` a notification’s id.

    ``q`` is a search as in the inbox, such as ``package:moss -app:koji is:unread``. Without ``is:done``,
    ``is:snoozed`` or ``is:any`` in it, only what is in the inbox is listed.
    """

    q: Annotated[str, Field(max_length=MAX_LENGTH)] = ""
    context: Context | None = None
    state: Annotated[DeliveryState | None, Field(description="Status of one of its deliveries.")] = None
    filter_id: QueryRowId | None = None
    application: Annotated[str, Field(max_length=200, description="Category of an application.")] = ""
    unread: Annotated[QueryBool, Field(description="List only unread notifications.")] = False
    text: Annotated[str, Field(max_length=200, description=(
        "Search words, all of which must be in the message’s topic, id, people, packages or groups."))] = ""
    before: QueryRowId | None = None
    after: QueryRowId | None = None
    limit: Annotated[QueryInt, Field(ge=1, le=100)] = PAGE

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if self.before is not None and self.after is not None:
            raise ValueError("Send before or after, not both")
        return self

    def narrowed(self, found: InboxFilter) -> InboxFilter:
        """A filter with the other criteria, too."""
        criteria = [
            *((Criterion(Subject.STATE, (self.state,)),) if self.state else ()),
            *((Criterion(Subject.FILTER, (str(self.filter_id),)),) if self.filter_id is not None else ()),
            *((Criterion(Subject.APPLICATION, (self.application,)),) if self.application else ()),
            *(Criterion(Subject.TEXT, (word,)) for word in one_line(self.text).split()[:MAX_WORDS])]
        context = found.contexts if self.context is None else frozenset({self.context})
        return replace(
            found, criteria=(*found.criteria, *criteria), contexts=context,
            unread=True if self.unread else found.unread)


class Seen(RequestModel):
    """The notifications to mark as read: some ids, or everything up to one."""

    ids: Annotated[tuple[RowId, ...], Field(max_length=MAX_MARKED)] = ()
    up_to: RowId | None = None


class Marked(ResponseModel):
    """Number of unread notifications left, up to 100."""

    unread: int


@operation("api_inbox", "GET", Permission.READ)
def list_inbox(request: Request, query: InboxQuery) -> Inbox:
    """List sent and pending notifications, newest first."""
    directory = directory_or_none(request.services)
    place = PagePosition(before=query.before, after=query.after)
    wanted = query.narrowed(resolve(request, query.q))
    page = inbox(
        request.read_session, request.me.user_id, request.now, wanted, place, most=query.limit)
    return Inbox(
        entries=[InboxNotification.of(entry, directory) for entry in page.entries],
        newer=_address(request, page.newer), older=_address(request, page.older),
        looked_until=page.searched_until,
        unread=unread_count(request.read_session, request.me.user_id, request.now))


@operation("api_entry", "GET", Permission.READ)
def show_entry(request: Request) -> InboxNotification:
    """Show one notification."""
    directory = directory_or_none(request.services)
    (entry,) = load_entries(request.read_session, [owned_notification(request, request.read_session).id])
    return InboxNotification.of(entry, directory)


@operation("api_inbox_read", "POST", Permission.WRITE)
def mark_seen(request: Request, body: Seen) -> Marked:
    """Mark notifications as read."""
    mark_read(request.db, request.me.user_id, body.ids, request.now)
    if body.up_to is not None:
        mark_all_read(request.db, request.me.user_id, body.up_to, request.now)
    return Marked(unread=unread_count(request.db, request.me.user_id, request.now))


def resolve(request: Request, text: str) -> InboxFilter:
    """The filter that a search stands for. Raises :class:`~fmn.errors.UserError`."""
    return resolve_search(request, current_user(request, request.read_session), text)


def _address(request: Request, place: PagePosition | None) -> str | None:
    """The address of another part of the same list."""
    if place is None:
        return None
    query: dict[str, Any] = {
        name: value for name, value in request.GET.items() if name not in ("before", "after")}
    beside = {"after": place.after} if place.upwards else {"before": place.before}
    return str(request.route_path("api_inbox", _query={**query, **beside}))


OPERATIONS: Final[tuple[Operation, ...]] = (list_inbox, show_entry, mark_seen)
