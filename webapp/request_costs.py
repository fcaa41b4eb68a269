"""Cost classes of requests by route and method, which choose the rate limit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from webapp.routes import PUBLIC


class Cost(StrEnum):
    """Cost classes. All except these two have the names of their limits in the settings."""

    #: Nothing is counted: supervisors ask, or it's a file that browsers keep.
    FREE = "free"
    READS = "reads"
    WRITES = "writes"
    #: Takes as long as several pages: it searches, previews, exports or imports.
    COSTLY = "costly"
    #: Publishes events, counted by the token.
    EVENTS = "events"
    #: A link in a mail: it has to work for whoever has it.
    LINKS = "links"


FREE: Final = frozenset({"healthz", "livez", "readyz", "__static/"})
#: Those that anybody may ask for who has a token that stands in the address.
LINKS: Final = frozenset(name for name, pattern in PUBLIC.items() if pattern.endswith("{token}"))
EVENTS: Final = "events"
#: Whatever the method.
COSTLY: Final = frozenset({
    "account_export", "account_delete", "exchange", "exchange_export", "preview", "api_preview", "api_lint",
    "api_preferences", "shared", "api_share_copy"})
#: Only if something is looked for.
SEARCHES: Final = frozenset({"inbox", "api_inbox", "why_not", "admin_trace"})
#: Changes as quick as pages are, of which the keyboard makes two a second. Of a whole group and of all that
#: a search finds, they cost what a search does.
TRIAGE: Final = frozenset({"inbox_triage"})
#: What a form that's sent there costs depends on what it's to do.
EDITORS: Final = frozenset({"filter_new", "filter", "group_filter_new", "group_filter"})
#: Of those that cost much, these end an older one of the same person: see :mod:`webapp.filters.preview_lock`.
SUPERSEDE_OLDER: Final = EDITORS | {"preview", "api_preview", "api_lint"}
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def cost_of(route: str, method: str, query: Collection[str], form: Mapping[str, object]) -> Cost:
    """Cost class of a request; ``route`` is the matched route, ``query`` the names of query parameters."""
    if route in FREE:
        return Cost.FREE
    if route in LINKS:
        return Cost.LINKS
    if route == EVENTS:
        return Cost.EVENTS
    reads = method in SAFE_METHODS
    if route in COSTLY or (route in SEARCHES and query):
        return Cost.COSTLY
    return Cost.READS if reads else _cost_of_form(route, form)


def _cost_of_form(route: str, form: Mapping[str, object]) -> Cost:
    if route in TRIAGE:
        return Cost.COSTLY if form.get("all") or form.get("whole") else Cost.READS
    if route in EDITORS and form.get("do") != "save":
        # A script has the preview by itself, and asks for parts of the page as somebody types.
        return Cost.READS if "live" in form else Cost.COSTLY
    return Cost.WRITES
