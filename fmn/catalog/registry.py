"""Event catalogue: finds a message's event type, and extracts its facts and description."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint
from itertools import chain

import structlog

from fmn.catalog import applications as built_in
from fmn.catalog.events import Application, Description, EventType, Facts
from fmn.catalog.headers import groups_in, packages_in, severity_in, users_in
from fmn.catalog.message import Message
from fmn.catalog.message_reader import AccountLookup, MessageReader, no_accounts
from fmn.catalog.threads import thread_of_event
from fmn.catalog.urls import safe_link
from fmn.errors import OperatorError
from fmn.text import lines, one_line

log = structlog.get_logger()

#: Entry-point group for other projects' applications: each names a module with ``APPLICATION``.
ENTRY_POINT_GROUP = "fmn.catalog"


class UnknownEvent(EventType):
    """A message from a service that the catalogue doesn't know yet."""

    def summary(self, m: MessageReader) -> str:
        return f"Message {m.title or m.topic} from an application that the catalogue doesn't know"


UNKNOWN = Application(
    category="",
    title="Unknown application",
    help="Messages from services that the catalogue doesn't know yet.",
    other=UnknownEvent,
)


class CatalogError(OperatorError, ValueError):
    """Applications are inconsistent; the text says which and why."""


class Catalog:
    """Immutable catalogue of applications and event types."""

    def __init__(self, applications: Iterable[Application]) -> None:
        self.applications: Mapping[str, Application] = _unique(applications)
        _check_topics(self.event_types())
        _check_rules(self.applications.values())
        self._by_title: Mapping[str, tuple[EventType, ...]] = _file_by_title(self.event_types())
        self._by_pattern: Mapping[str, tuple[tuple[tuple[str, ...], EventType], ...]] = _file_by_pattern(
            self.event_types())

    def event_types(self) -> Iterator[EventType]:
        """All event types, application by application."""
        for application in self.applications.values():
            yield from application.event_types

    @cached_property
    def events_by_name(self) -> Mapping[str, EventType]:
        """Event types by rule name."""
        return {event.name: event for event in self.event_types()}

    @cached_property
    def severe_events(self) -> frozenset[str]:
        """Names of severe event types."""
        events = chain(self.event_types(), self.fallbacks_by_name.values())
        return frozenset(event.name for event in events if event.severity.is_severe)

    @cached_property
    def fallbacks_by_name(self) -> Mapping[str, EventType]:
        """Event types of messages that no other one matches, by name."""
        applications = (*self.applications.values(), UNKNOWN)
        return {event.name: event for each in applications for event in each.fallbacks.values()}

    @cached_property
    def _categories_in_forms(self) -> frozenset[str]:
        """Categories with events in several forms: asked of each message before it's stored, and few."""
        return frozenset(
            event.application.category for event in chain(self.event_types(), self.fallbacks_by_name.values())
            if type(event).duplicate_key is not EventType.duplicate_key)

    def event_of(self, m: MessageReader) -> EventType:
        """The event type of a message; without one, its application's fallback or the unknown one.

        Headers say which of the fallbacks: how severe the message is.
        """
        for event in self._by_title.get(m.title, ()):
            if event.matches(m):
                return event
        for pattern, event in self._by_pattern.get(m.message.category, ()):
            if _fits(pattern, m.title.split(".")) and event.matches(m):
                return event
        application = self.applications.get(m.message.category, UNKNOWN)
        severity = severity_in(m.message.headers)
        return application.fallback if severity is None else application.fallbacks[severity]

    def knows(self, message: Message) -> bool:
        """Whether the catalogue has an event type for the message."""
        event = self.event_of(MessageReader(message))
        return not event.application.is_fallback(event)

    def facts(self, message: Message, accounts: AccountLookup = no_accounts) -> Facts:
        """Facts of a message for the matcher. Never raises, whatever the body contains.

        People and groups in the headers are concerned, too: the publisher's class knows them better where a
        service changes. Packages in the headers count only for messages without an event type: classes take
        a fork for the package that it was forked from.
        """
        m = MessageReader(message, accounts)
        event = UNKNOWN.fallback
        try:
            event = self.event_of(m)
            agent = event.agent(m)
            usernames = frozenset(filter(None, event.usernames(m)))
            packages = frozenset(package for package in event.packages(m) if package.name)
            groups = frozenset(filter(None, event.groups(m)))
            if message.headers:
                usernames = usernames.union(users_in(message.headers))
                groups = groups.union(groups_in(message.headers))
                if event.application.is_fallback(event):
                    packages = packages.union(packages_in(message.headers))
        except Exception:
            # An event type that raises is a bug. The message still reaches filters that don't need its
            # facts.
            log.exception("catalogue entry failed", event_type=event.name, msg_id=message.msg_id)
            return Facts(message, event, None, frozenset(), frozenset())
        return Facts(message, event, agent, usernames, packages, groups)

    def duplicate_key(self, message: Message) -> tuple[str, ...]:
        """Key of an event that's published in several forms; ``()`` without one.

        The signer is part of it, so that nobody can replace others' messages. Never raises, whatever the body
        contains.
        """
        if message.category not in self._categories_in_forms:
            return ()
        m = MessageReader(message)
        try:
            parts = tuple(self.event_of(m).duplicate_key(m))
        except Exception:
            log.exception("catalogue entry failed", topic=message.topic, msg_id=message.msg_id)
            return ()
        return (message.signer, m.environment, message.category, *parts) if parts and all(parts) else ()

    def describe(self, message: Message, accounts: AccountLookup = no_accounts) -> Description:
        """Texts of a message for people. Never raises, whatever the body contains."""
        m = MessageReader(message, accounts)
        try:
            return _description(self.event_of(m), m)
        except Exception:
            log.exception("catalogue entry failed", topic=message.topic, msg_id=message.msg_id)
            return _description(UNKNOWN.fallback, m)


def _description(event: EventType, m: MessageReader) -> Description:
    return Description(
        title=m.title,
        summary=one_line(event.summary(m)) or m.title,
        long=lines(event.long(m)),
        link=safe_link(event.link(m)),
        icon=safe_link(event.icon(m)),
        secondary_icon=safe_link(event.secondary_icon(m)),
        severity=event.severity,
        kind=m.title if event.application.is_fallback(event) else event.name,
        group_summary_part=event.group_summary_part(m),
        thread=thread_of_event(event, m),
        count_noun=event.count_noun,
    )


def _unique(applications: Iterable[Application]) -> dict[str, Application]:
    found: dict[str, Application] = {}
    for application in applications:
        if application.category in found:
            raise CatalogError(f"two applications claim the category {application.category!r}")
        found[application.category] = application
    return found


def _check_topics(events: Iterable[EventType]) -> None:
    for event in events:
        for topic in event.topics:
            if topic.partition(".")[0] != event.application.category:
                raise CatalogError(
                    f"the topic {topic!r} of the event type {event.name!r} isn't of its application's "
                    f"category {event.application.category!r}")


def _check_rules(applications: Collection[Application]) -> None:
    events = [event.name for application in applications for event in application.event_types]
    rules = [rule for application in applications for rule in application.rules]
    catchalls = [application.catchall for application in applications if application.catchall]
    for name, times in Counter([*events, *(rule.name for rule in rules), *catchalls]).items():
        if times > 1:
            raise CatalogError(f"{times} rules are named {name!r}")
    for rule in rules:
        if (rule.holds is None) == (not rule.any_of):
            raise CatalogError(f"the rule {rule.name!r} needs either a test or event types")
        if unknown := rule.any_of - set(events):
            raise CatalogError(f"the rule {rule.name!r} names the unknown event type {min(unknown)!r}")


def _file_by_title(events: Iterable[EventType]) -> dict[str, tuple[EventType, ...]]:
    filed: defaultdict[str, list[EventType]] = defaultdict(list)
    for event in events:
        for topic in event.topics:
            if "*" not in topic:
                filed[topic].append(event)
    return {topic: tuple(found) for topic, found in filed.items()}


def _file_by_pattern(
    events: Iterable[EventType],
) -> dict[str, tuple[tuple[tuple[str, ...], EventType], ...]]:
    filed: defaultdict[str, list[tuple[tuple[str, ...], EventType]]] = defaultdict(list)
    for event in events:
        for topic in event.topics:
            if "*" in topic:
                pattern = tuple(topic.split("."))
                filed[pattern[0]].append((pattern, event))
    return {category: tuple(found) for category, found in filed.items()}


def _fits(pattern: tuple[str, ...], parts: list[str]) -> bool:
    if pattern[-1] == "**":
        pattern, parts = pattern[:-1], parts[: len(pattern) - 1]
    return len(pattern) == len(parts) and all(
        want in ("*", have) for want, have in zip(pattern, parts, strict=True))


def built_in_applications() -> Iterator[Application]:
    """The applications in :mod:`fmn.catalog.applications`, one module each, by name."""
    for module in pkgutil.iter_modules(built_in.__path__):
        yield importlib.import_module(f"{built_in.__name__}.{module.name}").APPLICATION


def extended(known: Catalog, points: Iterable[EntryPoint]) -> Catalog:
    """The catalogue with the applications of these entry points.

    :raises CatalogError: an application can't be used. Without it, people would silently miss notifications
    """
    for point in points:
        try:
            known = Catalog([*known.applications.values(), _application(point)])
        except CatalogError as error:
            package = f"the package {point.dist.name}" if point.dist else "a package"
            raise CatalogError(
                f"the entry point {point.name} = {point.value} ({point.group}), which {package} brings, "
                f"can't be used: {error}") from error
    return known


def _application(point: EntryPoint) -> Application:
    try:
        module = point.load()
    except Exception as error:
        # Another project's code may raise anything.
        raise CatalogError(f"its import fails with {type(error).__name__}: {one_line(str(error))}") from error
    application = getattr(module, "APPLICATION", None)
    if not isinstance(application, Application):
        raise CatalogError("it has no APPLICATION that is an fmn.catalog.Application")
    return application


__all__ = ["Catalog", "CatalogError"]
