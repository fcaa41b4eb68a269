"""Event types made from a file's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.declarative.body_paths import BodyPath
from fmn.catalog.declarative.file_schema import EventTable, FileTables
from fmn.catalog.declarative.templates import Template
from fmn.catalog.events import Application, EventType, Outcome, Package, Severity
from fmn.catalog.message import Message
from fmn.catalog.message_reader import JsonNode, MessageReader

#: Characters of a summary, and of a name of somebody or something; a longer one is no name.
MAX_SUMMARY_LENGTH: Final = 500
MAX_NAME_LENGTH: Final = 200

_OUTCOMES: Final[Mapping[str | None, Outcome | None]] = {
    None: None, "failed": Outcome.FAILED, "succeeded": Outcome.SUCCEEDED}


class DeclaredEvent(EventType):
    """An event type of a file. :func:`application_of` makes a subclass for each."""

    table: ClassVar[EventTable]

    def matches(self, m: MessageReader) -> bool:
        return all(condition.holds(m) for condition in self.table.when)

    def agent(self, m: MessageReader) -> str | None:
        return next(_accounts(m, self.table.agent), None)

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), *_accounts(m, self.table.usernames))

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return [
            Package(package.namespace, name)
            for package in self.table.packages for name in _names(m, [package.name])]

    def groups(self, m: MessageReader) -> Iterable[str]:
        return _names(m, self.table.groups)

    def summary(self, m: MessageReader) -> str:
        return self.table.summary.render(m, MAX_SUMMARY_LENGTH)

    def long(self, m: MessageReader) -> str:
        return self.table.long.render(m) if self.table.long else ""

    def link(self, m: MessageReader) -> str:
        return _link(m, self.table.link)

    def thread(self, m: MessageReader) -> str:
        return self.link(m) if self.table.thread is None else _link(m, self.table.thread)

    def subject(self, m: MessageReader) -> Sequence[str]:
        return [template.render_key(m) for template in self.table.subject]

    def icon(self, m: MessageReader) -> str:
        return _link(m, self.table.icon) or self.application.icon

    def secondary_icon(self, m: MessageReader) -> str:
        # Not the avatar by the agent's name: accounts of other projects aren't Fedora's.
        return _link(m, self.table.avatar)

    def example_message(self) -> Message:
        return replace(super().example_message(), headers=dict(self.table.example_headers))


def _link(m: MessageReader, template: Template | None) -> str:
    return template.render_link(m) if template else ""


def _accounts(m: MessageReader, paths: Iterable[BodyPath]) -> Iterator[str]:
    """The accounts at the paths: texts, objects with a name, or email addresses that the directory knows."""
    for path in paths:
        for value in path.values(m):
            name = person(JsonNode(value))
            account = m.account(name) if "@" in name else name
            if account and _is_name(account):
                yield account


def _names(m: MessageReader, paths: Iterable[BodyPath]) -> list[str]:
    return [name for path in paths for name in path.texts(m) if _is_name(name)]


def _is_name(text: str) -> bool:
    return len(text) <= MAX_NAME_LENGTH and text.isprintable()


def application_of(tables: FileTables) -> Application:
    """The application that a file describes."""
    it = tables.application
    return Application(
        category=it.category, title=it.title, help=it.help, icon=it.icon, topic_prefix=it.topic_prefix,
        catchall=catchall_of(it.category), events=[_event_type(table) for table in tables.events])


def catchall_of(category: str) -> str:
    """Name of the rule for anything from an application."""
    return f"{category.replace('-', '_')}_catchall"


def _event_type(table: EventTable) -> type[EventType]:
    attributes: dict[str, Any] = {
        "__doc__": table.help, "table": table, "topics": tuple(table.topics), "rule": table.rule or "",
        "title": table.title, "severity": Severity(table.severity), "count_noun": table.count_noun,
        "example": table.example, "example_topic": table.example_topic or "", "retired": table.retired,
        "default_outcome": _OUTCOMES[table.outcome],
    }
    return type("Declared", (DeclaredEvent,), attributes)
