"""Search in the event catalogue by words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fmn.catalog.events import Application, ApplicationRule, EventType
from fmn.catalog.registry import Catalog


@dataclass(frozen=True)
class SearchResult:
    """An application with its matching event types and rules."""

    application: Application
    events: Sequence[EventType]
    rules: Sequence[ApplicationRule] = ()


def search_catalog(known: Catalog, text: str) -> list[SearchResult]:
    """Applications that contain every word of the text, by title, retired ones last.

    All entries of an application match if its title and category contain all words, or if its help does and
    no entry.
    """
    words = text.casefold().split()
    found = (_found(application, words) for application in known.applications.values())
    return sorted(
        (each for each in found if each.events or each.rules),
        key=lambda each: (is_retired(each.application), each.application.title.casefold()))


def is_retired(application: Application) -> bool:
    """Whether the application sends no messages any more."""
    return application.retired or all(event.retired for event in application.event_types)


def _found(application: Application, words: Sequence[str]) -> SearchResult:
    name = f"{application.title} {application.category}"
    missing = _missing(words, name)
    found = SearchResult(
        application,
        [event for event in application.event_types if not _missing(missing, _of_event(event))],
        [rule for rule in application.rules if not _missing(missing, _of_rule(rule))])
    if not found.events and not found.rules and not _missing(words, f"{name} {application.help}"):
        return SearchResult(application, application.event_types, application.rules)
    return found


def _missing(words: Iterable[str], text: str) -> list[str]:
    folded = text.casefold()
    return [word for word in words if word not in folded]


def _of_event(event: EventType) -> str:
    return " ".join((event.title, event.help, event.name, *event.topics))


def _of_rule(rule: ApplicationRule) -> str:
    return f"{rule.title} {rule.help} {rule.name}"
