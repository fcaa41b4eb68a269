"""Search form of the inbox: query parameters and the options of its selects."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Annotated, Final

from pydantic import Field

from fmn.catalog import catalog
from fmn.infra.public_ids import LARGEST_ID
from fmn.ledger.inbox_filter import InboxFilter, filter_options
from fmn.ledger.inbox_paging import PagePosition
from fmn.ledger.models import DeliveryState
from fmn.people.local_time import zone_or_utc
from fmn.people.models import User
from fmn.translations import gettext, mark
from webapp.context_names import context_heading
from webapp.forms import Form
from webapp.inbox.search_criteria import STATUSES, UNREAD, Vocabulary, application_words
from webapp.inbox.search_query import MAX_LENGTH, Operator, SearchQuery, Term, parse_query
from webapp.request import Request

Id = Annotated[int, Field(ge=0, le=LARGEST_ID)]

#: States as one looks for them.
STATES: Final[Mapping[DeliveryState, str]] = {
    DeliveryState.SENT: mark("Sent"), DeliveryState.WAITING: mark("Pending"),
    DeliveryState.FAILED: mark("Failed"), DeliveryState.DROPPED: mark("Not sent")}
_STATUS_OF: Final = {state: status for status, state in STATUSES.items()}


class Grouping(StrEnum):
    """What the entries of a page are grouped by."""

    DAY = auto()
    THREAD = auto()
    PACKAGE = auto()


class InboxSearch(Form):
    """Query parameters of the inbox: search, grouping and page."""

    q: Annotated[str, Field(max_length=MAX_LENGTH)] = ""
    group: Grouping = Grouping.DAY
    before: Id | None = None
    after: Id | None = None

    @property
    def place(self) -> PagePosition:
        """The page to show."""
        return PagePosition(self.before, self.after)

    def grouped_by(self, grouping: Grouping) -> InboxSearch:
        """The same search, from its beginning, with another grouping."""
        return InboxSearch(q=self.q, group=grouping)

    def query(self, place: PagePosition | None = None) -> Mapping[str, object]:
        """Query parameters of this search, with the page unless it's the first."""
        found: dict[str, object] = {"q": self.q} if self.q else {}
        if self.group is not Grouping.DAY:
            found["group"] = str(self.group)
        if place and place.before is not None:
            found["before"] = place.before
        if place and place.after is not None:
            found["after"] = place.after
        return found


class SearchHelpers(Form):
    """The form's selects, which stand for operators."""

    context: Annotated[str, Field(max_length=50)] = ""
    state: DeliveryState | None = None
    filter: Id | None = None
    application: Annotated[str, Field(max_length=100)] = ""
    unread: bool = False

    def added_to(self, query: SearchQuery) -> SearchQuery:
        """The query with the terms that were chosen."""
        chosen = {
            Operator.CHANNEL: self.context,
            Operator.STATUS: _STATUS_OF[self.state] if self.state else "",
            Operator.FILTER: "" if self.filter is None else str(self.filter),
            Operator.APP: self.application,
            Operator.IS: UNREAD if self.unread else "",
        }
        for operator, value in chosen.items():
            if value:
                query = query.with_term(Term(value, operator))
        return query


def resolve_search(request: Request, user: User, text: str) -> InboxFilter:
    """The inbox filter that a user's query stands for. Raises :class:`~fmn.errors.UserError`."""
    query = parse_query(text)
    return vocabulary(request, user, query).resolve(query)


def vocabulary(request: Request, user: User, query: SearchQuery) -> Vocabulary:
    """What the values of operators stand for to a user."""
    asks_filters = any(each.operator is Operator.FILTER for each in query.terms)
    filters = filter_options(request.read_session, user.id) if asks_filters else ()
    return Vocabulary(user.nick, request.contexts, filters, request.now, zone_or_utc(user.time_zone))


def search_choices(request: Request) -> Mapping[str, object]:
    """Options of the form's selects."""
    words = application_words()
    return {
        "contexts": {context: context_heading(context) for context in request.contexts},
        "states": {state.value: gettext(word) for state, word in STATES.items()},
        "own_filters": {
            choice.filter_id: f"{choice.name} ({context_heading(choice.context)})"
            for choice in filter_options(request.read_session, request.me.user_id)},
        "applications": {
            words[each.category]: each.title
            for each in sorted(catalog().applications.values(), key=lambda each: each.title.casefold())},
    }
