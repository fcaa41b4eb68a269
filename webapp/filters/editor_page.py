"""The filter editor's page: what it's made of, for a request of whoever edits a filter of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fmn.catalog import catalog
from fmn.filters.expression_description import expression_words
from fmn.filters.models import Filter
from fmn.filters.rule_types import RuleTypes
from fmn.matching.deadlines import NobodyWaits
from fmn.matching.linter import MOST_RULES
from fmn.matching.match_context import Knowledge
from fmn.people.models import Preference
from webapp.context_names import spoken
from webapp.directory_or_none import current_directory
from webapp.filters.draft_review import Editor, Look
from webapp.filters.drafts import Draft, Form
from webapp.filters.editor_rows import shown_rows
from webapp.filters.explanations import UNREADABLE
from webapp.filters.previews import Previewer, Tried
from webapp.filters.rule_picker import rule_choice
from webapp.humanize import until
from webapp.owned import my_zone
from webapp.request import Request

Page = Mapping[str, object]


@dataclass(frozen=True)
class Place:
    """Where a filter is edited; without ``chosen`` it's a new one."""

    preference: Preference
    chosen: Filter | None = None

    @property
    def filter_id(self) -> int | None:
        """The id of the filter."""
        return self.chosen.id if self.chosen else None


@dataclass(frozen=True)
class Shown:
    """What a page shows besides a draft. Without a ``look``, nobody has looked at it yet.

    ``explained`` is one of the messages that match. ``there`` is what is saved, where that isn't what the
    draft began with. ``focus`` is the id of the element that the keyboard goes on from.
    """

    look: Look | None = None
    explained: Tried | None = None
    #: Whether what's wrong is said beside the fields, too.
    judged: bool = False
    name_problem: str = ""
    hold_problem: str = ""
    notice: str = ""
    there: Draft | None = None
    focus: str = ""


def typed(request: Request) -> Form:
    """The fields of the form. Files aren't asked for, and don't count."""
    return {name: value for name, value in request.POST.items() if isinstance(value, str)}


def editor(request: Request, preference_id: int, filter_id: int | None) -> Editor:
    """The editor at a place among my filters."""
    services, session = request.services, request.reading
    return Editor(
        session, services.rule_types, catalog(), request.me.nick, preference_id, filter_id,
        services.completer.seen(session, request.now))


def previewer(request: Request, nobody_waits: NobodyWaits = lambda: False) -> Previewer | None:
    """Looks at the ledger as I do; ``None`` while it can't be known who owns what."""
    services = request.services
    directory = current_directory(services)
    if directory is None:
        return None
    knowledge = Knowledge(services.rule_types, catalog(), directory)
    return Previewer(
        request.reading, knowledge, request.me.nick, request.now, my_zone(request),
        services.settings.budget.preview_seconds, nobody_waits)


def saved_draft(request: Request, chosen: Filter) -> tuple[Draft, str]:
    """A saved filter as a draft, and what there is to say of that."""
    expression = chosen.stored.readable
    if expression:
        draft, notice = Draft.of(chosen.name, expression, request.services.rule_types), ""
    else:
        draft, notice = Draft(name=chosen.name), UNREADABLE
    return draft.begun_with(
        chosen.version, enabled=chosen.enabled, oneshot=chosen.oneshot,
        hold_minutes=chosen.hold_minutes), notice


def filter_page(request: Request, place: Place, draft: Draft, shown: Shown) -> Page:
    """The values of the page."""
    rule_types, form = request.services.rule_types, typed(request)
    choice = rule_choice(rule_types, catalog())
    choosing = choice.choice(form.get("search", "").strip(), form.get("application", ""))
    # A script takes rules alone from the page that comes back: what may be picked is there already.
    looks = None if "live" in form else previewer(request)
    return {
        "place": place,
        "by": spoken(place.preference.context),
        "draft": draft,
        "rows": shown_rows(draft, rule_types, judged=shown.judged),
        "shown": shown,
        "look": shown.look or Look(),
        "groups": choice.groups,
        "choice": choosing,
        "open": draft.empty or bool(choosing.search or choosing.application),
        "tried": form.get("message", "").strip(),
        "latest": looks.latest() if looks else (),
        "asleep": _asleep(request, place.chosen) if place.chosen else "",
        "there": _words(shown.there, rule_types) if shown.there else "",
    }


def _asleep(request: Request, chosen: Filter) -> str:
    """Until when it's snoozed, ``""`` if it isn't."""
    moment = chosen.snoozed_until
    return until(moment, request.now, my_zone(request)) if moment else ""


def _words(draft: Draft, rule_types: RuleTypes) -> str:
    return expression_words(draft.expression(rule_types), rule_types, MOST_RULES)
