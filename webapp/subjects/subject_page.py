"""Values of the page of a package, person, group or application."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from fmn.catalog import Catalog, Message, Severity, catalog
from fmn.catalog.message_reader import no_accounts
from fmn.channels import mask_address
from fmn.delivery.notification_text import web_link
from fmn.directory.snapshot import Directory
from fmn.filters.watch_subjects import Subject, SubjectKind, WatchLevel
from fmn.filters.watches import Watch, watches_of
from fmn.ledger.day_range import DayRange
from fmn.ledger.subject_history import SubjectHistory, subject_history
from fmn.matching.preview import SeverityDayCount, severity_days
from fmn.matching.subject_lookup import SubjectLookup
from fmn.people.addresses import AddressStatus, ListedAddress, list_addresses
from fmn.people.models import Preference, User
from fmn.text import one_line
from fmn.translations import gettext as _
from fmn.translations import mark, ngettext
from webapp.context_names import context_heading, context_name
from webapp.directory_or_none import directory_or_none
from webapp.humanize import messages_per_day, natural_time, natural_time_without_on
from webapp.owned import current_user, current_user_zone
from webapp.request import Request
from webapp.subjects.subject_links import ICONS

KIND_TITLES: Final[Mapping[SubjectKind, str]] = {
    SubjectKind.PACKAGE: mark("Package"), SubjectKind.PERSON: mark("Person"),
    SubjectKind.GROUP: mark("Group"), SubjectKind.APPLICATION: mark("Application")}
#: Levels as options of a form.
LEVEL_TITLES: Final[Mapping[WatchLevel, str]] = {
    WatchLevel.EVERYTHING: mark("Everything"), WatchLevel.NOTABLE: mark("Without details"),
    WatchLevel.FAILURES: mark("Failures and warnings"), WatchLevel.RELEASES: mark("Releases"),
    WatchLevel.ACTIONS: mark("What they do"), WatchLevel.MEMBERS: mark("What members do"),
    WatchLevel.PACKAGES: mark("Its packages")}


@dataclass(frozen=True)
class SubjectEvent:
    """A message about the subject, as a row of the list."""

    summary: str
    link: str
    category: str
    application: str
    severity: Severity
    sent_at: datetime
    when: str


@dataclass(frozen=True)
class WatchChannel:
    """A channel by which one can be told, and whether it works: ``problem`` says what is missing."""

    context: str
    heading: str
    by: str
    enabled: bool
    addresses: Sequence[str]
    problem: str
    watch: Watch | None

    @property
    def works(self) -> bool:
        """Whether something can be sent now."""
        return self.enabled and not self.problem


@dataclass(frozen=True)
class SubjectPage:
    """Values of a subject's page. It isn't ``known`` if neither the directory nor the history has it.

    ``similar`` ones may be meant then.
    """

    subject: Subject
    kind: str
    icon: str
    known: bool
    similar: Sequence[Subject]
    days: Sequence[SeverityDayCount]
    words: str
    events: Sequence[SubjectEvent]
    channels: Sequence[WatchChannel]
    levels: Mapping[WatchLevel, str]
    level: WatchLevel
    context: str
    address: str

    @property
    def severities(self) -> Sequence[tuple[Severity, int]]:
        """How many events there are of each severity, the most severe first."""
        totals = [(level, sum(day.by_severity[level] for day in self.days)) for level in reversed(Severity)]
        return [(level, number) for level, number in totals if number]

    @property
    def heading(self) -> str:
        """The heading, beside which the kind stands."""
        return self.subject.label if self.subject.kind is SubjectKind.APPLICATION else self.subject.name

    @property
    def in_catalogue(self) -> bool:
        """Whether it's an application of the catalogue."""
        return self.subject.kind is SubjectKind.APPLICATION and self.subject.name in catalog().applications

    @property
    def watched(self) -> Sequence[WatchChannel]:
        """The channels by which it's watched."""
        return [each for each in self.channels if each.watch is not None]


def level_title(level: WatchLevel) -> str:
    """A level as an option of a form."""
    return _(LEVEL_TITLES[level])


def subject_page(request: Request, subject: Subject, level: WatchLevel | None = None) -> SubjectPage:
    """The page of a subject, with a level chosen."""
    directory = directory_or_none(request.services)
    session, user = request.read_session, current_user(request, request.read_session)
    window = DayRange(request.now, zone=current_user_zone(request))
    history = subject_history(session, subject, window, request.services.cache)
    lookup = SubjectLookup(session, request.services.completer, directory or Directory(), request.now)
    channels = _channels(request, user, subject)
    watch = next((each.watch for each in channels if each.watch is not None), None)
    chosen = level if level in subject.levels else watch.level if watch else None
    known = bool(history.total) or lookup.is_known(subject)
    return SubjectPage(
        subject, _(KIND_TITLES[subject.kind]), ICONS[subject.kind], known,
        () if known else lookup.similar(subject),
        severity_days(history.counts, history.dates, catalog()), _volume(history, window),
        [_event(each, directory, window) for each in history.newest], channels,
        {each: level_title(each) for each in _levels(lookup, subject, {chosen, *_watched(channels)})},
        chosen or subject.levels[0],
        _best_context(channels), user.email or "")


def _levels(
    lookup: SubjectLookup, subject: Subject, chosen: Collection[WatchLevel | None],
) -> Sequence[WatchLevel]:
    """The levels that are offered: a group's packages only if it maintains some, or if they're chosen."""
    packages = WatchLevel.PACKAGES in chosen or lookup.maintains_packages(subject)
    return [each for each in subject.levels if each is not WatchLevel.PACKAGES or packages]


def _watched(channels: Iterable[WatchChannel]) -> Iterator[WatchLevel]:
    return (each.watch.level for each in channels if each.watch is not None)


def _channels(request: Request, user: User, subject: Subject) -> Sequence[WatchChannel]:
    session = request.read_session
    preferences = session.scalars(
        select(Preference).where(Preference.user_id == user.id, Preference.context.in_(request.contexts))
        .order_by(Preference.id)).all()
    addresses = list_addresses(session, [each.id for each in preferences], request.now)
    watches = {each.context: each for each in reversed(watches_of(session, user.id, user.nick, subject))}
    return [
        _channel(each, addresses.get(each.id, ()), watches.get(each.context)) for each in preferences]


def _channel(
    preference: Preference, addresses: Sequence[ListedAddress], watch: Watch | None,
) -> WatchChannel:
    context = preference.context
    confirmed = [each for each in addresses if each.status is AddressStatus.CONFIRMED]
    problem = ""
    if not confirmed:
        problem = _("No address is confirmed yet.") if addresses else _("There is no address yet.")
    return WatchChannel(
        context, context_heading(context), context_name(context), preference.enabled,
        [mask_address(context, each.value) for each in confirmed], problem, watch)


def _best_context(channels: Sequence[WatchChannel]) -> str:
    """The channel that is offered first: one that watches, or works, or is on, or any."""
    best = max(channels, key=lambda each: (each.watch is not None, each.works, each.enabled))
    return best.context


def _event(message: Message, directory: Directory | None, window: DayRange) -> SubjectEvent:
    known: Catalog = catalog()
    description = known.describe(message, directory.account if directory else no_accounts)
    application = known.applications.get(message.category)
    return SubjectEvent(
        one_line(description.summary), web_link(description.link), message.category,
        application.title if application else one_line(message.category), description.severity,
        message.sent_at, natural_time(message.sent_at, window.now, window.zone))


def _volume(history: SubjectHistory, window: DayRange) -> str:
    """How much came, in words."""
    if not history.total:
        return _("Nothing in the last {days} days").format(days=window.days)
    days = max(1.0, (history.until - history.since).total_seconds() / 86_400)
    number = ngettext("{n} event", "{n} events", history.total).format(n=f"{history.total:,}")
    rate = messages_per_day(history.total / days)
    if history.complete:
        return _("{events} in the last {days} days, {rate}").format(
            events=number, days=window.days, rate=rate)
    since = natural_time_without_on(history.since, window.now, window.zone)
    return _("{events} since {moment}, {rate}").format(events=number, moment=since, rate=rate)
