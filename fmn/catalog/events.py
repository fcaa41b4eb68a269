"""Base classes of the event catalogue: applications, event types, rules, and facts of a message.

A class per event type declares everything about it::

    class UpdateComment(Update):
        \"""Somebody commented on an update, with or without karma.\"""

        topics = ("bodhi.update.comment",)
        rule = "bodhi_update_comment"
        title = "Comment on an update"
        summary_template = "{who} commented on {update}"
        example = sample(comment={"author": "mary", "text": "Works here.", "karma": 1}, …)

        def long(self, m: MessageReader) -> str:
            return m.text("comment", "text")

It provides the rule for filters, the text of notifications, the facts for the matcher, and the example for
the documentation, the demo bus and the tests. Shared code of an application's event types goes into a base
class between them and :class:`EventType`; shared code of several applications is in
:mod:`~fmn.catalog.accounts_in_messages`, :mod:`~fmn.catalog.builds`, :mod:`~fmn.catalog.urls` and
:mod:`~fmn.text`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from fmn.catalog.accounts_in_messages import avatar, person
from fmn.catalog.group_summaries import GroupSummaryPart
from fmn.catalog.message import Message
from fmn.catalog.message_reader import MessageReader


class Severity(StrEnum):
    """Severity of an event."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def is_severe(self) -> bool:
        """Whether the event is urgent, such that it may interrupt quiet hours.

        Errors are: something failed and stays broken until somebody fixes it. Warnings (cancelled, deleted,
        unpushed) are mostly intended and can wait for the morning.
        """
        return self is Severity.ERROR


class Outcome(StrEnum):
    """Outcome of something that can fail and recover."""

    FAILED = "failed"
    #: It works, whether or not it failed before.
    SUCCEEDED = "well"


class Package(NamedTuple):
    """A package with its namespace: ``rpms/php`` isn't ``modules/php``.

    The namespace ``""`` means an unknown one, which matches any.
    """

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of a message for the matcher, extracted once per message."""

    message: Message
    event: EventType
    agent: str | None
    usernames: frozenset[str]
    packages: frozenset[Package]
    groups: frozenset[str] = frozenset()

    @property
    def package_names(self) -> frozenset[str]:
        """The packages' names without namespaces."""
        return frozenset(package.name for package in self.packages)

    @property
    def reader(self) -> MessageReader:
        """Reader of the message, for rules that need more than these facts."""
        return MessageReader(self.message)


@dataclass(frozen=True, slots=True)
class Description:
    """Texts of a message for people. ``long`` is ``""`` if the summary says everything."""

    title: str
    summary: str
    long: str
    link: str
    icon: str
    secondary_icon: str
    severity: Severity
    #: The event type's name; the title for a message without event type.
    kind: str
    #: Its part of a sentence about several events of its kind.
    group_summary_part: GroupSummaryPart
    #: URL of its thread, such as an update, shared by other messages about it; ``""`` without one.
    thread: str = ""
    #: What it's counted as in a digest's subject, such as "failed build"; ``""`` for what isn't a failure.
    count_noun: str = ""


class EventType:
    """Base class of event types. Subclasses override what they know; the defaults mean "unknown".

    Methods never raise, whatever the body contains: :class:`MessageReader` has defaults for missing values.
    """

    #: Its titles (topics from the category on); ``*`` matches a part, a final ``**`` the rest.
    topics: ClassVar[tuple[str, ...]] = ()
    #: Name of the rule that matches it: FMN 2's if it had one. ``""`` derives it from the topic.
    rule: ClassVar[str] = ""
    #: Label in lists: a few words.
    title: ClassVar[str] = ""
    #: Template of the summary, with :meth:`template_values` in braces. Override :meth:`summary` where a
    #: template isn't enough.
    summary_template: ClassVar[str] = ""
    #: Template of the summary of several events, for :mod:`fmn.catalog.group_summaries`: ``{who:people}
    #: pushed to {package:packages}{branch}``. ``""`` uses the first one's summary.
    group_summary_template: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.INFO
    #: What a digest's subject counts it as, in the singular and with a plural in "s": ``failed build``. For
    #: failures and what else needs its reader; ``""`` for all others.
    count_noun: ClassVar[str] = ""
    #: The body of a message of this kind, made up by us.
    example: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    #: The example's title, if :attr:`topics` has wildcards.
    example_topic: ClassVar[str] = ""
    #: Whether it's no longer sent. The entry keeps working, and is listed last.
    retired: ClassVar[bool] = False
    #: Whether it concerns owners of its packages in the same namespace only. FMN 2 ignored namespaces, except
    #: for messages of the package database.
    owners_by_namespace: ClassVar[bool] = False
    #: Whether its link is the page of a thread, such as an update or an issue, rather than of this event
    #: alone, such as a push or a post.
    threaded: ClassVar[bool] = True
    #: Fixed outcome of its :meth:`subject`: failed or recovered. Override :meth:`outcome` where the body
    #: decides.
    default_outcome: ClassVar[Outcome | None] = None
    #: Whether FMN 2's rule matched only messages of the installation's own environment, such as ``prod``.
    own_environment: ClassVar[bool] = False

    def __init__(self, application: Application) -> None:
        if not self.topics:
            raise TypeError(f"the event type {type(self).__name__} names no topics")
        self.application = application
        #: The rule's name, unique in the catalogue.
        self.name = self.rule_name()

    @classmethod
    def rule_name(cls) -> str:
        """Name of the rule that matches this event type."""
        return cls.rule or _name_of_topic(cls.topics[0])

    @property
    def help(self) -> str:
        """Help in one line: the first line of the class's docstring."""
        return (inspect.getdoc(type(self)) or "").partition("\n")[0]

    def matches(self, m: MessageReader) -> bool:
        """Whether a message with a matching topic is of this type, by its body."""
        return True

    def agent(self, m: MessageReader) -> str | None:
        """The account that caused the event."""
        return person(m, "agent") or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        """The accounts that the event concerns, including the agent."""
        return (self.agent(m),)

    def packages(self, m: MessageReader) -> Iterable[Package]:
        """The packages that the event concerns."""
        return ()

    def groups(self, m: MessageReader) -> Iterable[str]:
        """The groups of accounts that the event concerns."""
        return ()

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        """Values for templates. Each has a text even if the body lacks it."""
        return {"who": self.agent(m) or "Somebody"}

    def summary(self, m: MessageReader) -> str:
        """One plain sentence without a full stop."""
        if self.summary_template:
            return self.summary_template.format_map(self.template_values(m))
        return f"Message {m.title} from {self.application.title}"

    def group_summary_part(self, m: MessageReader) -> GroupSummaryPart:
        """Its part of a sentence about several events. Events with different templates aren't grouped."""
        return GroupSummaryPart.of(self.group_summary_template, self.template_values(
            m)) if self.group_summary_template else GroupSummaryPart()

    def long(self, m: MessageReader) -> str:
        """Further plain text with its lines, such as a list of commits or a comment."""
        return ""

    def link(self, m: MessageReader) -> str:
        """URL of the event's web page."""
        return ""

    def thread(self, m: MessageReader) -> str:
        """URL of its thread's page; :mod:`fmn.catalog.threads` normalises it."""
        return self.link(m) if self.threaded else ""

    def outcome(self, m: MessageReader) -> Outcome | None:
        """Outcome that the message reports; ``None`` without one."""
        return self.default_outcome

    def subject(self, m: MessageReader) -> Sequence[str]:
        """Key of what failed or recovered, in parts that are unique within the application.

        A failure and the recovery from it have the same key. If any part is ``""``, the subject is unknown.
        """
        return ()

    def duplicate_key(self, m: MessageReader) -> Sequence[str]:
        """Key of an event that's published in several forms, such as v1 and v2 of a schema, by topic.

        Messages of different forms with the same key count once if they're sent within minutes. Parts are
        unique within the application. Without any, or if one is ``""``, each message is an event of its own.
        """
        return ()

    def icon(self, m: MessageReader) -> str:
        """Icon of the service that sent it."""
        return self.application.icon

    def secondary_icon(self, m: MessageReader) -> str:
        """Second icon, usually the agent's avatar."""
        agent = self.agent(m)
        return avatar(agent) if agent else ""

    def example_message(self) -> Message:
        """The example as a message from the bus."""
        title = self.example_topic or self.topics[0]
        return Message(
            msg_id=f"2026-example-{self.name}",
            topic=f"{self.application.topic_prefix}.prod.{title}",
            sent_at=datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC),
            body=dict(self.example),
        )


def sample(**body: Any) -> Mapping[str, Any]:
    """Immutable body of an example."""
    return MappingProxyType(body)


def _name_of_topic(topic: str) -> str:
    parts = ("any" if set(part) == {"*"} else part for part in topic.split("."))
    return "_".join(parts).replace("-", "_")


@dataclass(frozen=True, slots=True)
class Argument:
    """Argument of a rule: FMN 2's name for it, a label, help, and an example value.

    ``choices`` are all its values if there are few.
    """

    name: str
    title: str
    help: str = ""
    sample: str = ""
    choices: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """Whether it lists values, separated by commas."""
        return self.help == SEVERAL


#: Help of an argument that :func:`fmn.text.split_list` splits.
SEVERAL = "Several, separated by commas, are possible."


@dataclass(frozen=True, slots=True)
class ApplicationRule:
    """A rule of an application beyond one event type.

    ``holds`` gets the facts and the arguments by name. A rule without arguments may instead name event types'
    rules in ``any_of``, which the matcher's index evaluates without a call.

    It matches only messages of its application's category, or of ``category`` if that's set.
    """

    name: str
    title: str
    help: str
    arguments: tuple[Argument, ...] = ()
    holds: Callable[[Facts, Mapping[str, str]], bool] | None = None
    any_of: frozenset[str] = frozenset()
    category: str = ""


@dataclass(frozen=True)
class Application:
    """A service that publishes messages under one category."""

    category: str
    title: str
    help: str
    events: Sequence[type[EventType]] = ()
    #: Name of the rule that matches any message of the application.
    catchall: str = ""
    rules: Sequence[ApplicationRule] = ()
    icon: str = ""
    topic_prefix: str = "org.fedoraproject"
    retired: bool = False
    #: Base of the event types of the category's messages that no other event type matches.
    other: type[EventType] = EventType
    event_types: tuple[EventType, ...] = field(init=False)
    #: Event types of messages that no other one matches: one for each severity, since a message may say how
    #: severe it is, and the matcher needs to know that of its event type.
    fallbacks: Mapping[Severity, EventType] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "event_types", tuple(event(self) for event in self.events))
        object.__setattr__(self, "fallbacks", {
            severity: self._fallback(severity) for severity in Severity})

    @property
    def fallback(self) -> EventType:
        """Event type of messages that no other one matches, and that don't say how severe they are."""
        return self.fallbacks[self.other.severity]

    def is_fallback(self, event: EventType) -> bool:
        """Whether an event type stands for messages that no other one matches."""
        return self.fallbacks.get(event.severity) is event

    def _fallback(self, severity: Severity) -> EventType:
        topic = f"{self.category}.**"
        as_ever = severity is self.other.severity
        fallback: type[EventType] = type("Other", (self.other,), {
            "__doc__": f"Any other message from {self.title}.", "topics": (topic,), "title": self.title,
            "rule": "" if as_ever else f"{_name_of_topic(topic)}_{severity}", "severity": severity,
        })
        return fallback(self)
