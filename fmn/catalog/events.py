"""The catalogue's vocabulary: applications, the event types they announce, and the facts of a message.

One class per event type says everything we know of it, once::

    class UpdateComment(Update):
        \"""Somebody commented on an update, with or without karma.\"""

        topics = ("bodhi.update.comment",)
        rule = "bodhi_update_comment"
        title = "Comment on an update"
        summary_template = "{who} commented on {update}"
        example = sample(comment={"author": "mary", "text": "Works here.", "karma": 1}, …)

        def long(self, m: MessageReader) -> str:
            return m.text("comment", "text")

From it come the rule that users pick, the text they are sent, the facts that the matcher uses, the
sample in the documentation, the demo bus and the tests. What several event types of an application
read alike goes into a base class between them and :class:`EventType`; what several applications read
alike is in :mod:`~fmn.catalog.accounts_in_messages`, :mod:`~fmn.catalog.builds`, :mod:`~fmn.catalog.urls` and
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
    """How much an event asks for its reader's attention."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def is_severe(self) -> bool:
        """Whether people may want to hear of it in the middle of the night.

        That's errors: something failed, and stays broken until somebody mends it. Warnings tell of what was
        cancelled, deleted or unpushed, mostly on purpose, and can wait for the morning.
        """
        return self is Severity.ERROR


class Outcome(StrEnum):
    """What may have become of something that goes wrong at times and right again."""

    FAILED = "failed"
    #: It's well, whether or not it had failed before.
    SUCCEEDED = "well"


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

    @property
    def reader(self) -> MessageReader:
        """The message, to be read; for rules that need more of it than these facts."""
        return MessageReader(self.message)


@dataclass(frozen=True, slots=True)
class Description:
    """What a person is told of a message. ``long`` is ``""`` where there's no more to say."""

    title: str
    summary: str
    long: str
    link: str
    icon: str
    secondary_icon: str
    severity: Severity
    #: The event type's name; the title for what no event type stands for. Alike events have the same.
    kind: str
    #: What it brings to a sentence about several events of its kind.
    group_summary_part: GroupSummaryPart
    #: The page of what it's about, which other messages may be about too; ``""`` if there's none.
    thread: str = ""
    #: What it's counted as in a digest's subject, such as "failed build"; ``""`` for what isn't a failure.
    count_noun: str = ""


class EventType:
    """One kind of message. Subclasses override what they know; the rest reads as "nothing known".

    Methods never raise, whatever the body holds: :class:`MessageReader` answers for what's missing.
    """

    #: Titles (topics from their category on) it stands for; ``*`` is one part, a last ``**`` the rest.
    topics: ClassVar[tuple[str, ...]] = ()
    #: The name of the rule "this happened": FMN 2's where it had one. If ``""``, the topic gives one.
    rule: ClassVar[str] = ""
    #: A few words, as in a list to pick from.
    title: ClassVar[str] = ""
    #: The summary, with :meth:`template_values` in braces. Override :meth:`summary` for what a template can't
    #: say.
    summary_template: ClassVar[str] = ""
    #: The summary of several at once, as :mod:`fmn.catalog.group_summaries` says it: ``{who:people} pushed to
    #: {package:packages}{branch}``. If ``""``, it's made from the first one's summary.
    group_summary_template: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.INFO
    #: What a digest's subject counts it as, in the singular and with a plural in "s": ``failed build``. For
    #: failures and what else needs its reader; ``""`` for all others.
    count_noun: ClassVar[str] = ""
    #: The body of a message of this kind, made up by us.
    example: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    #: The example's title where :attr:`topics` has wildcards.
    example_topic: ClassVar[str] = ""
    #: Its service is gone, or it's no longer sent: the entry keeps working, but isn't offered first.
    retired: ClassVar[bool] = False
    #: Whether it concerns the owners of its packages in their own namespaces only. FMN 2 went by the
    #: names of packages alone, except for what the package database said.
    owners_by_namespace: ClassVar[bool] = False
    #: Whether its link is the page of something that other messages may be about too, such as an update or an
    #: issue, rather than of this event alone, such as a push or a post.
    threaded: ClassVar[bool] = True
    #: What it always says of its :meth:`subject`: that it failed, or that it's well. Override :meth:`outcome`
    #: where the body decides.
    default_outcome: ClassVar[Outcome | None] = None
    #: FMN 2's rule for it was about the installation's own environment (``prod``, say) alone.
    own_environment: ClassVar[bool] = False

    def __init__(self, application: Application) -> None:
        if not self.topics:
            raise TypeError(f"the event type {type(self).__name__} names no topics")
        self.application = application
        #: Unique in the catalogue: the rule's name.
        self.name = self.rule_name()

    @classmethod
    def rule_name(cls) -> str:
        """The name of the rule "this happened"."""
        return cls.rule or _name_of_topic(cls.topics[0])

    @property
    def help(self) -> str:
        """One line of help: the first line of the class's docstring."""
        return (inspect.getdoc(type(self)) or "").partition("\n")[0]

    def matches(self, m: MessageReader) -> bool:
        """Whether a message with a fitting topic is of this kind, judged by its body."""
        return True

    def agent(self, m: MessageReader) -> str | None:
        """The one account that caused the event; most services call it so themselves."""
        return person(m, "agent") or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        """The accounts that the event concerns, the agent among them."""
        return (self.agent(m),)

    def packages(self, m: MessageReader) -> Iterable[Package]:
        """The packages that the event concerns."""
        return ()

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        """What the braces in templates stand for; each has a text also when the body lacks it."""
        return {"who": self.agent(m) or "Somebody"}

    def summary(self, m: MessageReader) -> str:
        """One plain sentence without a full stop."""
        if self.summary_template:
            return self.summary_template.format_map(self.template_values(m))
        return f"Message {m.title} from {self.application.title}"

    def group_summary_part(self, m: MessageReader) -> GroupSummaryPart:
        """What it brings to a sentence about several; those with different templates aren't told together."""
        return GroupSummaryPart.of(self.group_summary_template, self.template_values(
            m)) if self.group_summary_template else GroupSummaryPart()

    def long(self, m: MessageReader) -> str:
        """More text where the message has it: a commit list, a comment's words; plain, lines kept."""
        return ""

    def link(self, m: MessageReader) -> str:
        """The web page about the event."""
        return ""

    def thread(self, m: MessageReader) -> str:
        """The page that it shares with others about the same thing; :mod:`fmn.catalog.threads` cleans it."""
        return self.link(m) if self.threaded else ""

    def outcome(self, m: MessageReader) -> Outcome | None:
        """Whether it says that something failed, or that it's well; ``None`` if it says neither."""
        return self.default_outcome

    def subject(self, m: MessageReader) -> Sequence[str]:
        """What failed or is well, in parts that together tell it from all else of its application.

        The same for a failure as for the recovery from it. If any part is ``""``, nobody can tell.
        """
        return ()

    def icon(self, m: MessageReader) -> str:
        """The icon of the service that sent it."""
        return self.application.icon

    def secondary_icon(self, m: MessageReader) -> str:
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


def sample(**body: Any) -> Mapping[str, Any]:
    """The body of an example, which nobody changes."""
    return MappingProxyType(body)


def _name_of_topic(topic: str) -> str:
    parts = ("any" if set(part) == {"*"} else part for part in topic.split("."))
    return "_".join(parts).replace("-", "_")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a rule: its name as FMN 2 users know it, a label, help, and a sample value."""

    name: str
    title: str
    help: str = ""
    sample: str = ""


#: Help for an argument that :func:`fmn.text.split_list` takes apart.
SEVERAL = "Several, separated by commas, are possible."


@dataclass(frozen=True, slots=True)
class ApplicationRule:
    """A rule of an application that isn't just "this event happened".

    ``holds`` gets the facts and the arguments by name. Without arguments it may also be a set of
    event types' rule names in ``any_of``, which the matcher's index answers without a call.

    It holds for messages of its application's category only, or of ``category`` where that is another one.
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
