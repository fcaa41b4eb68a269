"""Search form of the inbox: query parameters and the options of its selects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from fmn.catalog import catalog
from fmn.infra.public_ids import LARGEST_ID
from fmn.ledger.inbox_filter import InboxFilter, filter_options
from fmn.ledger.inbox_paging import PagePosition
from fmn.ledger.models import DeliveryState
from webapp.context_names import context_heading
from webapp.forms import Form
from webapp.request import Request

Id = Annotated[int, Field(ge=0, le=LARGEST_ID)]

#: States as one looks for them.
STATES: Final[Mapping[DeliveryState, str]] = {
    DeliveryState.SENT: "Sent", DeliveryState.WAITING: "Pending", DeliveryState.FAILED: "Failed",
    DeliveryState.DROPPED: "Not sent"}


class InboxSearch(Form):
    """Query parameters of the inbox: search, filters and page."""

    q: Annotated[str, Field(max_length=200)] = ""
    context: Annotated[str, Field(max_length=50)] = ""
    state: DeliveryState | None = None
    filter: Id | None = None
    application: Annotated[str, Field(max_length=100)] = ""
    unread: bool = False
    before: Id | None = None
    after: Id | None = None

    @property
    def wanted(self) -> InboxFilter:
        """The search criteria."""
        return InboxFilter(self.context, self.state, self.filter, self.application, self.unread, self.q)

    @property
    def place(self) -> PagePosition:
        """The page to show."""
        return PagePosition(self.before, self.after)

    def query(self, place: PagePosition | None = None) -> Mapping[str, object]:
        """Query parameters of this search, with the page unless it's the first."""
        chosen = self.model_dump(exclude={"before", "after"}, exclude_defaults=True, mode="json")
        found = {key: "true" if value is True else value for key, value in chosen.items()}
        if place and place.before is not None:
            found["before"] = place.before
        if place and place.after is not None:
            found["after"] = place.after
        return found


def search_choices(request: Request) -> Mapping[str, object]:
    """Options of the form's selects."""
    return {
        "contexts": {context: context_heading(context) for context in request.contexts},
        "states": {state.value: word for state, word in STATES.items()},
        "own_filters": {
            choice.filter_id: f"{choice.name} ({context_heading(choice.context)})"
            for choice in filter_options(request.read_session, request.me.user_id)},
        "applications": {
            each.category: each.title
            for each in sorted(catalog().applications.values(), key=lambda each: each.title.casefold())},
    }
