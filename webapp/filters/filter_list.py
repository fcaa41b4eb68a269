"""The list of a preference's filters, for all pages that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.directory.snapshot import Directory
from fmn.filters.default_filters import default_filters
from fmn.filters.expression_description import describe_expression
from fmn.filters.expressions import Expression, Rule, expression_digest, rules_in
from fmn.filters.group_filters import inherited_filters
from fmn.filters.models import Filter
from fmn.filters.presets import Preset, presets
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import FilterSpec
from fmn.ledger.day_range import DAYS, DayCount, DayRange
from fmn.ledger.figures.personal import personal_figures
from fmn.people.local_time import local_date, zone_or_utc
from fmn.people.models import Preference
from fmn.translations import gettext
from webapp.context_names import context_name
from webapp.directory_or_none import directory_or_none
from webapp.filters.explanations import UNREADABLE
from webapp.humanize import natural_time_without_on
from webapp.owned import current_user_zone
from webapp.request import Request
from webapp.subjects.subject_links import SubjectLink, links_of_expression


@dataclass(frozen=True)
class FilterStatus:
    """The status of a filter: a word or two, and a sentence more."""

    word: str
    kind: str = ""
    more: str = ""


@dataclass(frozen=True)
class FilterListItem:
    """A filter in the list."""

    id: int
    spec: FilterSpec
    words: str
    status: FilterStatus
    #: What it let through on each of the last days.
    days: Sequence[DayCount]
    subjects: Sequence[SubjectLink] = ()

    @property
    def recent(self) -> int:
        """What it let through in the last days."""
        return sum(day.messages for day in self.days)

    @property
    def asleep(self) -> bool:
        """Whether it's snoozed."""
        return self.spec.snoozed_until is not None

    @property
    def on(self) -> bool:
        """Whether it's on, or will be when its snooze is over."""
        return self.spec.enabled or self.asleep


@dataclass(frozen=True)
class InheritedFilter:
    """A filter that somebody gets from a group. Its ``words`` are English unless it isn't readable."""

    group: str
    name: str
    words: str
    is_readable: bool


@dataclass(frozen=True)
class RejectedForm:
    """A filter's form that couldn't be saved: the problem, and what was typed."""

    filter_id: int
    sentence: str
    typed: Mapping[str, str]


NOT_REJECTED: Final = RejectedForm(0, "", {})


@dataclass(frozen=True)
class FilterList:
    """Values of the list. ``others`` are the contexts that a filter may be copied to."""

    context: str
    by: str
    filters: Sequence[FilterListItem]
    presets: Sequence[Preset]
    defaults: Sequence[str]
    others: Sequence[str]
    days: int
    #: The first day on which something that's snoozed may wake, as fields for dates have it.
    tomorrow: str
    refused: RejectedForm | None = None
    inherited: Sequence[InheritedFilter] = ()

    def rejected_form(self, filter_id: int) -> RejectedForm:
        """The rejected form of a filter, :data:`NOT_REJECTED` if none was."""
        return self.refused if self.refused and self.refused.filter_id == filter_id else NOT_REJECTED


def filter_list(
    request: Request, session: Session, preference: Preference, refused: RejectedForm | None = None,
) -> FilterList:
    """The list of a preference's filters."""
    directory = directory_or_none(request.services)
    rule_types = request.services.rule_types
    zone = zone_or_utc(preference.user.time_zone)
    days = min(DAYS, request.services.settings.history.days)
    filters = session.scalars(
        select(Filter).where(Filter.preference_id == preference.id).options(joinedload(Filter.stored))
        .order_by(Filter.position, Filter.id)).all()
    window = DayRange(request.now, days, zone)
    figures = personal_figures(session, [preference.id], window)
    there = {each.stored.digest for each in filters}
    return FilterList(
        context=preference.context, by=context_name(preference.context),
        filters=[_shown(request, each, figures.filter(each.id, window), window) for each in filters],
        presets=[each for each in presets(rule_types) if expression_digest(each.expression) not in there],
        defaults=list(default_filters(rule_types)),
        others=[each for each in request.contexts if each != preference.context],
        days=days, tomorrow=(local_date(request.now, zone) + timedelta(days=1)).isoformat(), refused=refused,
        inherited=_inherited(session, preference, directory, rule_types))


def group_list_items(
    request: Request, session: Session, preference: Preference,
) -> Sequence[FilterListItem]:
    """The filters of a group's preference, in order. What members were sent isn't counted: that's private."""
    window = DayRange(request.now, zone=current_user_zone(request))
    filters = session.scalars(
        select(Filter).where(Filter.preference_id == preference.id).options(joinedload(Filter.stored))
        .order_by(Filter.position, Filter.id))
    return [_shown(request, each, (), window) for each in filters]


def _inherited(
    session: Session, preference: Preference, directory: Directory | None, rule_types: RuleTypes,
) -> Sequence[InheritedFilter]:
    """The filters that a preference's owner gets from groups; none while the directory is unavailable."""
    filters = inherited_filters(
        session, preference.user_id, preference.user.nick, directory.groups) if directory else ()
    return [
        InheritedFilter(
            each.group_name or "", each.name, _words(each, rule_types),
            is_readable=each.stored.expression_or_none is not None)
        for each in filters if each.enabled]


def _words(one: Filter, rule_types: RuleTypes) -> str:
    expression = one.stored.expression_or_none
    return describe_expression(expression, rule_types) if expression else gettext(UNREADABLE)


def _shown(request: Request, one: Filter, days: Sequence[DayCount], window: DayRange) -> FilterListItem:
    spec, rule_types = FilterSpec.of(one), request.services.rule_types
    words = describe_expression(spec.expression, rule_types) if spec.expression else gettext(UNREADABLE)
    missing = _missing_rule(spec.expression, rule_types) if spec.expression and one.enabled else None
    status = filter_status(one, window.now, window.zone) if missing is None else _broken(missing)
    return FilterListItem(one.id, spec, words, status, days, links_of_expression(request, spec.expression))


def _missing_rule(expression: Expression, rule_types: RuleTypes) -> Rule | None:
    """The first rule that doesn't exist, such as one of an application that is gone."""
    return next((rule for rule in rules_in(expression) if rule.name not in rule_types.by_name), None)


def _broken(missing: Rule) -> FilterStatus:
    return FilterStatus(gettext("Matches nothing"), "bad", gettext(
        "The rule “{name}” doesn’t exist any more. Edit this filter, or ask an administrator: it works again "
        "as soon as the rule is back.").format(name=missing.name))


def filter_status(one: Filter, now: datetime, zone: tzinfo) -> FilterStatus:
    """The status of a filter."""
    if one.snoozed_until is not None:
        return FilterStatus(gettext("Snoozed until {when}").format(
            when=natural_time_without_on(one.snoozed_until, now, zone)))
    if one.stop_reason is not None and not one.enabled:
        return FilterStatus(gettext("Stopped by an administrator"), "bad", one.stop_reason)
    if not one.enabled:
        return FilterStatus(
            gettext("Off"), more=gettext("When switched on, it matches once.") if one.oneshot else "")
    if one.oneshot:
        return FilterStatus(gettext("Only once"), "good", gettext("It switches itself off after one match"))
    return FilterStatus(gettext("On"), "good")
