"""The catalogue's vocabulary: applications, the event types they announce, and the facts of a message.

One class per event type says everything we know of it, once::

    class UpdateComment(Update):
        \"""Somebody commented on an update, with or without karma.\"""

        topics = ("bodhi.update.comment",)
        rule = "bodhi_update_comment"
        title = "Comment on an update"
        example = {"comment": {"author": "mary", "text": "Works here.", "karma": 1}, …}

        def summary(self, m: Reading) -> str:
            return f"{m.text('comment', 'author')} commented on {self.what(m)}"

From it come the rule that users pick, the text they are sent, the facts that the matcher uses, the
sample in the documentation, the demo bus and the tests. What several event types of an application
read alike goes into a base class between them and :class:`EventType`.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from fmn.catalog.message import Message
from fmn.catalog.reading import Reading


class Severity(StrEnum):
    """How much an event asks for its reader's attention."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Package(NamedTuple):
    """A package that a message concerns: ``rpms/php`` isn't ``modules/php``.

    ``namespace`` is ``""`` where the message doesn't say, and then stands for any.
    """

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Facts:
    """What the matcher knows of a message; read once per message."""

    message: Message
    event: EventType
    agent: str | None
    usernames: frozenset[str]
    packages: frozenset[Package]

    @property
    def package_names(self) -> frozenset[str]:
        """The packages' names without their namespaces."""
        return frozenset(package.name for package in self.packages)


@dataclass(frozen=True, slots=True)
class Description:
    """What a person is told of a message. ``long`` is ``""`` where there's no more to say."""

    title: str
    summary: str
    long: str
    link: str
    icon: str
    secondary_icon: str


class EventType:
    """One kind of message. Subclasses override what they know; the rest reads as "nothing known"."""

    #: Titles (topics from their category on) it stands for; ``*`` is one part, a last ``**`` the rest.
    topics: ClassVar[tuple[str, ...]] = ()
    #: The FMN 2 name of the rule "this happened"; ``""`` where FMN 2 had none, then one is derived.
    rule: ClassVar[str] = ""
    #: A few words, as in a list to pick from.
    title: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.INFO
    #: The body of a message of this kind, made up by us.
    example: ClassVar[Mapping[str, Any]] = {}
    #: The example's title where :attr:`topics` has wildcards.
    example_topic: ClassVar[str] = ""
    #: Its service is gone: the entry keeps working, but isn't offered first.
    retired: ClassVar[bool] = False

    def __init__(self, application: Application) -> None:
        self.application = application

    @property
    def name(self) -> str:
        """Unique in the catalogue: the rule's name."""
        return self.rule or self.topics[0].replace(".", "_").replace("*", "any").replace("-", "_")

    @property
    def help(self) -> str:
        """One line of help: the first line of the class's docstring."""
        return (inspect.getdoc(type(self)) or "").partition("\n")[0]

    def when(self, m: Reading) -> bool:
        """Whether a message with a fitting topic is of this kind, judged by its body."""
        return True

    def agent(self, m: Reading) -> str | None:
        """The one account that caused the event."""
        return None

    def usernames(self, m: Reading) -> Iterable[str | None]:
        """The accounts that the event concerns, the agent among them."""
        return (self.agent(m),)

    def packages(self, m: Reading) -> Iterable[Package]:
        """The packages that the event concerns."""
        return ()

    def summary(self, m: Reading) -> str:
        """One plain sentence without a full stop."""
        return f"{self.title} ({m.title})"

    def long(self, m: Reading) -> str:
        """More text where the message has it: a commit list, a comment's words; plain, lines kept."""
        return ""

    def link(self, m: Reading) -> str:
        """The web page about the event."""
        return ""

    def icon(self, m: Reading) -> str:
        """The icon of the service that sent it."""
        return self.application.icon

    def secondary_icon(self, m: Reading) -> str:
        """Usually the picture of the agent."""
        agent = self.agent(m)
        return avatar(agent) if agent else ""

    def example_message(self) -> Message:
        """The example as it would come from the bus."""
        title = self.example_topic or self.topics[0]
        return Message(
            msg_id=f"2026-example-{self.name}",
            topic=f"{self.application.topic_prefix}.prod.{title}",
            sent_at=datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC),
            body=dict(self.example),
        )


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a rule: its name as FMN 2 users know it, a label, help, and a sample value."""

    name: str
    title: str
    help: str = ""
    sample: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationRule:
    """A rule of an application that isn't just "this event happened".

    ``holds`` gets the facts and the arguments by name. Without arguments it may also be a set of
    event types' rule names in ``any_of``, which the matcher's index answers without a call.
    """

    name: str
    title: str
    help: str
    arguments: tuple[Argument, ...] = ()
    holds: Callable[[Facts, Mapping[str, str]], bool] | None = None
    any_of: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Application:
    """A service that announces what it does under one category."""

    category: str
    title: str
    help: str
    events: Sequence[type[EventType]] = ()
    #: The name of the rule "anything from this application".
    catchall: str = ""
    rules: Sequence[ApplicationRule] = ()
    icon: str = ""
    topic_prefix: str = "org.fedoraproject"
    retired: bool = False
    #: Reads messages of the category that no event type stands for.
    other: type[EventType] = EventType
    event_types: tuple[EventType, ...] = field(init=False)
    fallback: EventType = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "event_types", tuple(event(self) for event in self.events))
        fallback = type("Other", (self.other,), {
            "__doc__": f"Any other message from {self.title}.",
            "topics": (f"{self.category}.**",), "rule": "", "title": self.title,
        })
        object.__setattr__(self, "fallback", fallback(self))


def avatar(account: str) -> str:
    """The Libravatar address of an account's picture, as Fedora's services build it."""
    owner = hashlib.sha256(f"http://{account}.id.fedoraproject.org/".encode()).hexdigest()
    return f"https://seccdn.libravatar.org/avatar/{owner}?s=64&d=retro"


def safe_link(link: str) -> str:
    """The link if it's an ``http`` or ``https`` one on one line, else ``""``: bodies aren't to be trusted."""
    if any(character.isspace() for character in link):
        return ""
    try:
        scheme = urlsplit(link).scheme
    except ValueError:
        return ""
    return link if scheme in {"http", "https"} else ""
