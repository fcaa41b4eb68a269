"""Resolves a search query to an inbox filter: looks up the values of its operators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Final
from zoneinfo import ZoneInfo

from fmn.catalog import Severity, catalog
from fmn.errors import UserError
from fmn.filters.snoozes import start_of_day
from fmn.ledger.inbox_filter import EVERYWHERE, Criterion, FilterOption, InboxFilter, Place, Subject
from fmn.ledger.models import DeliveryState
from fmn.people.local_time import local_date
from fmn.text import shorten
from fmn.translations import gettext
from webapp.context_names import context_heading
from webapp.inbox.search_query import FIELD, Operator, SearchQuery, Term, joined, suggestion

#: States of deliveries as one looks for them: pages' words for them.
STATUSES: Final[Mapping[str, DeliveryState]] = {
    "sent": DeliveryState.SENT, "pending": DeliveryState.WAITING, "failed": DeliveryState.FAILED,
    "not-sent": DeliveryState.DROPPED}
#: What else they may be called: saved searches have "dropped", which it was before, and the API the others.
_STATUS_ALIASES: Final[Mapping[str, DeliveryState]] = {
    "dropped": DeliveryState.DROPPED, "not sent": DeliveryState.DROPPED, "waiting": DeliveryState.WAITING}
#: All places at once.
ANY: Final = "any"
UNREAD: Final = "unread"
READ: Final = "read"
IS_VALUES: Final = (*map(str, Place), ANY, UNREAD, READ)
TODAY: Final = "today"
YESTERDAY: Final = "yesterday"
#: Whoever searches.
ME: Final = "me"
_DAY: Final = timedelta(days=1)
#: The days that one may search for; those beside them are days, too, in every time zone.
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9000, 1, 1)


def application_names() -> Mapping[str, str]:
    """Categories of applications by what they may be called: ``koji`` and ``buildsys``."""
    applications = catalog().applications.values()
    return {
        **{each.title.casefold(): each.category for each in applications},
        **{_as_word(each.title): each.category for each in applications},
        **{each.category.casefold(): each.category for each in applications},
    }


def application_words() -> Mapping[str, str]:
    """Applications' names as one word, by category: ``koji``, ``mailing-lists``."""
    names = application_names()
    return {
        each.category: word if names[word := _as_word(each.title)] == each.category else each.category
        for each in catalog().applications.values()}


def _as_word(title: str) -> str:
    return "-".join(title.casefold().replace("(", " ").replace(")", " ").split())


@dataclass(frozen=True)
class Vocabulary:
    """What the values of operators stand for: the searcher's name, contexts, filters, and calendar."""

    nick: str
    contexts: Sequence[str]
    filters: Sequence[FilterOption]
    now: datetime
    zone: ZoneInfo

    def resolve(self, query: SearchQuery) -> InboxFilter:
        """The filter that a query stands for. Raises :class:`~fmn.errors.UserError`, in one sentence or two.

        Of several terms with the same operator one has to fit, of several texts each.
        """
        places, unread = _places(query)
        found = InboxFilter(places=places, unread=unread, criteria=tuple(self._criteria(query)))
        found = reduce(self._with_context, _of(query, Operator.CHANNEL), found)
        for term in query.terms:
            if term.operator in (Operator.AFTER, Operator.BEFORE):
                found = self._with_day(found, term)
        return found

    def _criteria(self, query: SearchQuery) -> Iterable[Criterion]:
        for term in _of(query, None):
            yield Criterion(Subject.TEXT, (term.value,), term.negated)
        for operator, (subject, look_up) in self._lookups.items():
            for negated in (False, True):
                terms = [each for each in _of(query, operator) if each.negated is negated]
                if terms:
                    values = (value for each in terms for value in look_up(each.value))
                    yield Criterion(subject, tuple(dict.fromkeys(values)), negated)

    @property
    def _lookups(self) -> Mapping[Operator, tuple[Subject, Callable[[str], Sequence[str]]]]:
        return {
            Operator.FILTER: (Subject.FILTER, self._filter_ids),
            Operator.STATUS: (Subject.STATE, _state),
            Operator.APP: (Subject.APPLICATION, _application),
            Operator.SEVERITY: (Subject.SEVERITY, _severity),
            Operator.PACKAGE: (Subject.PACKAGE, _itself),
            Operator.FROM: (Subject.AGENT, self._person),
            Operator.PERSON: (Subject.PERSON, self._person),
            Operator.GROUP: (Subject.GROUP, _itself),
        }

    def _person(self, value: str) -> Sequence[str]:
        return [self.nick if value.casefold() in (ME, f"@{ME}") else value]

    def _filter_ids(self, value: str) -> Sequence[str]:
        ids = [
            str(each.filter_id) for each in self.filters
            if each.name.casefold() == value.casefold() or str(each.filter_id) == value]
        if not ids:
            names = [each.name for each in self.filters]
            raise UserError(joined(
                gettext("You have no filter “{text}”.").format(text=shorten(value)),
                suggestion(value, names)), FIELD)
        return ids

    def _with_context(self, found: InboxFilter, term: Term) -> InboxFilter:
        names = {name.casefold(): each for each in self.contexts for name in (each, context_heading(each))}
        context = names.get(term.value.casefold())
        if context is None:
            raise UserError(_not_among(
                gettext("There’s no channel “{text}”."), term.value, self.contexts), FIELD)
        if term.negated:
            return replace(found, without_contexts=found.without_contexts | {context})
        return replace(found, contexts=(found.contexts or frozenset()) | {context})

    def _with_day(self, found: InboxFilter, term: Term) -> InboxFilter:
        moment = start_of_day(self._day(term), self.zone)
        if (term.operator is Operator.AFTER) is not term.negated:
            return replace(found, since=max(moment, found.since or moment))
        return replace(found, until=min(moment, found.until or moment))

    def _day(self, term: Term) -> date:
        today = local_date(self.now, self.zone)
        near = {TODAY: today, YESTERDAY: today - _DAY}
        day = near.get(term.value.casefold()) or _date(term.value)
        if day is None:
            sentence = gettext(
                "“{text}” isn’t a day. Write it like {example}, or “today” or “yesterday”.")
            raise UserError(sentence.format(text=shorten(term.value), example=today.isoformat()), FIELD)
        return day


def _of(query: SearchQuery, operator: Operator | None) -> Sequence[Term]:
    return [each for each in query.terms if each.operator is operator]


def _places(query: SearchQuery) -> tuple[frozenset[Place], bool | None]:
    """The places, by default the inbox; and whether it's about unread or read ones."""
    wanted, unwanted, unread = set[Place](), set[Place](), set[bool]()
    for term in _of(query, Operator.IS):
        value = term.value.casefold()
        if value not in IS_VALUES:
            raise UserError(_not_among(gettext("“{text}” isn’t a state."), term.value, IS_VALUES), FIELD)
        if value in (UNREAD, READ):
            unread.add((value == UNREAD) is not term.negated)
        else:
            (unwanted if term.negated else wanted).update(EVERYWHERE if value == ANY else {Place(value)})
    places = frozenset((wanted or (EVERYWHERE if unwanted else {Place.OPEN})) - unwanted)
    if len(unread) > 1 or not places or (True in unread and Place.OPEN not in places):
        raise UserError(gettext(
            "These states exclude each other: a notification is either read or unread, and only open ones "
            "are unread."), FIELD)
    return places, next(iter(unread), None)


def _state(value: str) -> Sequence[str]:
    known = {**STATUSES, **_STATUS_ALIASES}
    if value.casefold() not in known:
        raise UserError(_not_among(gettext("“{text}” isn’t a status."), value, STATUSES), FIELD)
    return [known[value.casefold()]]


def _severity(value: str) -> Sequence[str]:
    if value.casefold() not in set(Severity):
        raise UserError(_not_among(gettext("“{text}” isn’t a severity."), value, Severity), FIELD)
    return [value.casefold()]


def _application(value: str) -> Sequence[str]:
    names = application_names()
    if value.casefold() not in names:
        raise UserError(joined(
            gettext("There’s no application “{text}”.").format(text=shorten(value)),
            suggestion(value, list(names))), FIELD)
    return [names[value.casefold()]]


def _itself(value: str) -> Sequence[str]:
    return [value]


def _not_among(sentence: str, value: str, known: Iterable[str]) -> str:
    names = [str(each) for each in known]
    return joined(
        sentence.format(text=shorten(value)), suggestion(value, names),
        gettext("Use one of: {names}.").format(names=", ".join(names)))


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
