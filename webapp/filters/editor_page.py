"""The filter editor's page: its values for the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fmn.catalog import catalog
from fmn.filters.expression_description import describe_expression
from fmn.filters.group_filters import GROUP_CONTEXT
from fmn.filters.models import Filter
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import FilterSpec
from fmn.matching.deadlines import IsAbandoned
from fmn.matching.linter import MAX_RULES
from fmn.matching.match_context import MatchContext
from fmn.people.models import Preference
from fmn.people.usernames import group_nick
from webapp.context_names import context_name
from webapp.directory_or_none import directory_or_none
from webapp.filters.draft_review import DraftReview, DraftReviewer
from webapp.filters.drafts import Draft, FormFields
from webapp.filters.editor_actions import WHOLE_FILTER, RulePlace
from webapp.filters.explanations import UNREADABLE
from webapp.filters.previews import MessageTest, Previewer
from webapp.filters.row_fields import editor_group
from webapp.filters.rule_picker import rule_picker
from webapp.humanize import natural_time_without_on
from webapp.owned import current_user_zone
from webapp.request import Request

Page = Mapping[str, object]


@dataclass(frozen=True)
class EditorTarget:
    """The preference and the filter that is edited; without ``chosen`` a new one.

    It's a filter of a ``group``, which ``members`` get, or of the user's own. A group has no preference
    before its first filter is saved.
    """

    preference: Preference | None
    chosen: Filter | None = None
    group: str = ""
    members: int = 0

    @property
    def filter_id(self) -> int | None:
        """The id of the filter."""
        return self.chosen.id if self.chosen else None

    @property
    def context(self) -> str:
        """The context of the preference."""
        return self.preference.context if self.preference else GROUP_CONTEXT

    @property
    def nick(self) -> str:
        """The owner's name, which becomes "me" in an expression."""
        return self.preference.user.nick if self.preference else group_nick(self.group)


@dataclass(frozen=True)
class EditorState:
    """State of the page besides the draft. Without a ``review``, the draft hasn't been reviewed yet.

    ``explained`` is the matching message whose verdict is shown. ``there`` is the saved filter, if somebody
    else changed it meanwhile. ``focus`` is the id of the element that gets the focus.
    """

    review: DraftReview | None = None
    explained: MessageTest | None = None
    #: Whether what's wrong is said beside the fields, too.
    validated: bool = False
    #: What's wrong with a field, by the name that the field has in a filter.
    problems: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    #: Whether the next press of Save is for all members of a group, who were counted.
    confirming: bool = False
    there: Draft | None = None
    #: Whether it was asked to leave the page, though something would be lost.
    leaving: bool = False
    focus: str = ""
    #: Where the next rule is added, whether one is chosen now, and whether one was and the search is over.
    place: RulePlace = WHOLE_FILTER
    choosing: bool = False
    chosen: bool = False


def form_fields(request: Request) -> FormFields:
    """The text fields of the form; uploaded files are ignored."""
    return {name: value for name, value in request.POST.items() if isinstance(value, str)}


@dataclass(frozen=True)
class EditorPaths:
    """Where an editor leads: to what lists the filter, to itself, and to the saved filter."""

    back: str
    post: str
    saved: str = ""

    @classmethod
    def of(cls, request: Request, target: EditorTarget) -> EditorPaths:
        """The paths for a target."""
        if target.group:
            back = request.route_path("group_filters", group=target.group)
            here = f"{back}/{target.filter_id or 'new'}"
            return cls(back, here, here)
        back = request.route_path("preference", context=target.context)
        if target.filter_id is None:
            return cls(back, request.route_path("filter_new", context=target.context))
        here = request.route_path("filter", filter_id=target.filter_id)
        return cls(back, here, here)


def draft_reviewer(request: Request, target: EditorTarget, filter_id: int | None) -> DraftReviewer:
    """The reviewer for a filter of a target's preference; for a new one without ``filter_id``."""
    services, session = request.services, request.read_session
    directory = directory_or_none(services)
    return DraftReviewer(
        session, services.rule_types, catalog(), target.nick,
        target.preference.id if target.preference else None, filter_id,
        services.completer.seen(session, request.now),
        services.completer.lookup(session, directory, request.now) if directory else None)


def previewer(request: Request, is_abandoned: IsAbandoned = lambda: False) -> Previewer | None:
    """The previewer for the signed-in user, ``None`` while the directory is unavailable."""
    services = request.services
    directory = directory_or_none(services)
    if directory is None:
        return None
    match_context = MatchContext(services.rule_types, catalog(), directory)
    return Previewer(
        request.read_session, match_context, request.me.nick, request.now, current_user_zone(request),
        services.settings.budget.preview_seconds, is_abandoned)


def saved_draft(request: Request, chosen: Filter) -> tuple[Draft, str]:
    """The draft of a saved filter, and a notice if its expression can't be read."""
    saved = FilterSpec.of(chosen)
    return Draft.of_saved(saved, chosen.version, request.services.rule_types), (
        "" if saved.expression else UNREADABLE)


def filter_page(request: Request, target: EditorTarget, draft: Draft, shown: EditorState) -> Page:
    """The values of the page."""
    rule_types, form = request.services.rule_types, form_fields(request)
    choice = rule_picker(rule_types, catalog())
    now = draft.fingerprint(rule_types)
    choosing = choice.pick() if shown.chosen else choice.pick(
        form.get("search", "").strip(), form.get("application", ""))
    # A script takes rules alone from the page that comes back: what may be picked is there already.
    previews = None if "live" in form else previewer(request)
    return {
        "target": target,
        "by": "" if target.group else context_name(target.context),
        "paths": EditorPaths.of(request, target),
        "draft": draft,
        "began": draft.began or now,
        "changed": draft.began not in ("", now),
        "root": editor_group(draft, rule_types, catalog(), validated=shown.validated),
        "place": shown.place,
        "shown": shown,
        "review": shown.review or DraftReview(),
        "groups": choice.groups,
        "choice": choosing,
        "open": draft.empty or shown.choosing or bool(choosing.search or choosing.application),
        "tried": form.get("message", "").strip(),
        "latest": previews.latest() if previews else (),
        "asleep": _asleep(request, target.chosen) if target.chosen else "",
        "there": _words(shown.there, rule_types) if shown.there else "",
    }


def _asleep(request: Request, chosen: Filter) -> str:
    """The end of the filter's snooze, ``""`` without one."""
    moment = chosen.snoozed_until
    return natural_time_without_on(moment, request.now, current_user_zone(request)) if moment else ""


def _words(draft: Draft, rule_types: RuleTypes) -> str:
    return describe_expression(draft.expression(rule_types), rule_types, MAX_RULES)
