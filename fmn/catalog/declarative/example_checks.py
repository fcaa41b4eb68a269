"""Checks of files by their examples: what an event type says of the example that its author wrote."""

from __future__ import annotations

from collections.abc import Iterator

from fmn.catalog.declarative.declared_events import DeclaredEvent
from fmn.catalog.declarative.directory import ExtendedCatalog
from fmn.catalog.declarative.file_parser import FileProblem, ParsedFile
from fmn.catalog.events import EventType
from fmn.catalog.message_reader import MessageReader


def example_problems(known: ExtendedCatalog) -> Iterator[FileProblem]:
    """Warnings of all usable files of a catalogue."""
    for file in known.files.values():
        for number, event in enumerate(file.application.event_types):
            yield from _of_event(known, file, number, event)


def _of_event(
    known: ExtendedCatalog, file: ParsedFile, number: int, event: EventType,
) -> Iterator[FileProblem]:
    if not event.example:
        yield file.problem(
            "there is no example; add [events.example], which the catalogue and the editor show",
            "events", number, is_warning=True)
        return
    m = MessageReader(event.example_message())
    if (other := known.catalog.event_of(m)).name != event.name:
        yield file.problem(
            f"the example is taken for {other.title!r}; correct it, its topic, or the conditions in when",
            "events", number, "example", is_warning=True)
    for key in _empty(event, m):
        yield file.problem(
            f"{key} is empty for the example; correct the paths in it, give them defaults, or complete the "
            "example", "events", number, key, is_warning=True)


def _empty(event: EventType, m: MessageReader) -> Iterator[str]:
    """The keys whose templates and paths find nothing in the example."""
    assert isinstance(event, DeclaredEvent)
    table = event.table
    for key, is_set, found in (
        ("summary", True, event.summary(m).strip()), ("long", table.long, event.long(m).strip()),
        ("link", table.link, event.link(m)), ("agent", table.agent, event.agent(m)),
        ("usernames", table.usernames, list(filter(None, event.usernames(m)))),
        ("packages", table.packages, list(event.packages(m))),
        ("groups", table.groups, list(event.groups(m))),
        ("subject", table.subject, all(event.subject(m))),
    ):
        if is_set and not found:
            yield key
