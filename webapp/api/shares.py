"""Filters that are shared by a link: making one, looking at it, and taking filters over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import Field
from pyramid.httpexceptions import HTTPNotFound
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.delivery.signed_links import LinkError
from fmn.errors import UserError
from fmn.filters.expression_syntax import print_expression
from fmn.filters.expressions import expression_to_json
from fmn.filters.models import Filter, SharedFilters
from fmn.filters.rule_types import RuleTypes
from fmn.filters.sharing import (
    MAX_FILTERS,
    find_link,
    share_filters,
    shared_links,
    shared_specs,
    stop_sharing,
    take_over,
)
from fmn.filters.spec import FilterSpec
from fmn.people.models import Preference
from webapp.api.models import (
    AnsweredExpression,
    Context,
    KeptContext,
    RequestModel,
    ResponseModel,
    RowId,
)
from webapp.api.operations import Operation, operation
from webapp.api.problems import ApiError, invalid
from webapp.identity import Permission
from webapp.owned import owned_preference
from webapp.request import Request


class Share(ResponseModel):
    """A link of yours and the names of its filters, which stay as they were when you made it.

    ``token`` is the end of the ``url``.
    """

    token: str
    url: str
    filters: list[str]
    created_at: datetime

    @classmethod
    def of(cls, request: Request, row: SharedFilters) -> Self:
        """A link that there is."""
        url = request.links.shared(row.public_id)
        return cls(
            token=url.rpartition("/")[2], url=url, created_at=row.created_at,
            filters=[each.name for each in shared_specs(row)])


class Shares(ResponseModel):
    """Your links, latest first."""

    shares: list[Share]


class NewShare(RequestModel):
    """The ids of filters to share."""

    filter_ids: Annotated[tuple[RowId, ...], Field(min_length=1, max_length=MAX_FILTERS)]


class SharedFilter(ResponseModel):
    """A filter of a link. “Me” in its expression means whoever takes it over."""

    number: int
    name: str
    expression: AnsweredExpression
    text: str
    oneshot: bool
    hold_minutes: int | None

    @classmethod
    def of(cls, number: int, spec: FilterSpec, rule_types: RuleTypes) -> Self:
        """A filter that can be read."""
        expression: Any = spec.expression
        return cls(
            number=number, name=spec.name, expression=expression_to_json(expression),
            text=print_expression(expression, rule_types), oneshot=spec.oneshot,
            hold_minutes=spec.hold_minutes)


class SharedFilterList(ResponseModel):
    """The filters of a link. Whose they are isn’t told."""

    filters: list[SharedFilter]


class TakeOver(RequestModel):
    """The context to copy filters to, and the numbers of those filters; without numbers all of them."""

    context: Context
    numbers: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=MAX_FILTERS)], ...] | None,
        Field(min_length=1, max_length=MAX_FILTERS)] = None


class TakenOver(ResponseModel):
    """The names of the filters that were added, and the id that undoes it within 24 hours."""

    context: KeptContext
    added: list[str]
    undo: int | None


@operation("api_shares", "GET", Permission.READ)
def list_shares(request: Request) -> Shares:
    """List your links to shared filters."""
    found = shared_links(request.read_session, request.me.user_id)
    return Shares(shares=[Share.of(request, each) for each in found])


@operation("api_shares", "POST", Permission.WRITE, status=201)
def share(request: Request, body: NewShare) -> Share:
    """Share filters by a link.

    The same filters have the same link. You have at most 20 links: a further one replaces the oldest.
    """
    filters = _own_filters(request, body.filter_ids)
    try:
        made = share_filters(request.db, request.me.user_id, filters, request.now)
    except UserError as error:
        raise invalid(str(error), "/filter_ids") from None
    answer = Share.of(request, made)
    request.response.location = request.route_path("api_share", token=answer.token)
    return answer


@operation("api_share", "GET", Permission.READ)
def show_share(request: Request) -> SharedFilterList:
    """Show the filters of a link, whosever it is."""
    specs = shared_specs(_link(request, request.read_session))
    return SharedFilterList(filters=[
        SharedFilter.of(number, spec, request.services.rule_types) for number, spec in enumerate(specs)])


@operation("api_share", "DELETE", Permission.WRITE, status=204)
def remove_share(request: Request) -> None:
    """Delete a link of yours.

    Filters that others took over stay theirs.
    """
    if not stop_sharing(request.db, request.me.user_id, _link(request, request.db).id):
        raise HTTPNotFound


@operation("api_share_copy", "POST", Permission.WRITE)
def copy_shared_filters(request: Request, body: TakeOver) -> TakenOver:
    """Copy filters of a link to a context.

    Filters that the context has already are left out. All others are added, or none.
    """
    specs = shared_specs(_link(request, request.db))
    preference = owned_preference(request, request.db, body.context)
    taken = take_over(request.db, preference, _chosen(specs, body.numbers))
    return TakenOver(context=preference.context, added=list(taken.names), undo=taken.undo_id)


def _own_filters(request: Request, ids: Sequence[int]) -> Sequence[Filter]:
    """The user's filters with these ids, in their order on the pages. Raises :class:`ApiError`."""
    found = request.db.scalars(
        select(Filter).join(Preference, Preference.id == Filter.preference_id)
        .where(Filter.id.in_(ids), Preference.user_id == request.me.user_id)
        .options(joinedload(Filter.stored)).order_by(Preference.id, Filter.position)).all()
    there = {each.id for each in found}
    for place, each in enumerate(ids):
        if each not in there:
            raise invalid(f"You have no filter {each}.", f"/filter_ids/{place}")
    return found


def _link(request: Request, session: Session) -> SharedFilters:
    """What the URL's token leads to. Raises :class:`ApiError`."""
    try:
        found = find_link(session, request.links.read_shared(request.matchdict["token"]))
    except LinkError:
        found = None
    if found is None:
        raise ApiError(404, "This link isn’t complete, or it was deleted.")
    return found


def _chosen(specs: Sequence[FilterSpec], numbers: Sequence[int] | None) -> Sequence[FilterSpec]:
    if numbers is None:
        return specs
    for place, number in enumerate(numbers):
        if number >= len(specs):
            raise invalid(f"The link has no filter {number}.", f"/numbers/{place}")
    return [spec for number, spec in enumerate(specs) if number in numbers]


OPERATIONS: Final[tuple[Operation, ...]] = (list_shares, share, show_share, remove_share, copy_shared_filters)
