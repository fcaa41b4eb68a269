"""Forges' webhooks as messages: readers of their payloads, and the base of their event types.

GitHub, Forgejo and GitLab post JSON to an address. Whoever publishes it wraps it, as github2fedmsg didn't:
``{"body": the forge's JSON, "headers": the request's harmless headers, "agent": the sender's account}``.

A login isn't an account. It is one where the forge's people log in with our accounts, and in messages of a
webhook of this installation whose logins are declared to be accounts. Of other messages only the sender's
account is known, where the publisher names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from fmn.catalog.accounts_in_messages import avatar, mentions
from fmn.catalog.commits import REVISION
from fmn.catalog.events import EventType, Package
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import bullets, first_line, quoted

#: Forges at these hosts have accounts of Fedora's account system.
ACCOUNT_HOSTS: Final = ".fedoraproject.org"

#: Sources of this installation's own webhooks: ``hook:NAME``.
HOOK_SOURCE: Final = "hook:"

#: Owners of packages' repositories, ``rpms/moss``. They are the packages' namespaces too.
PACKAGE_NAMESPACES: Final = frozenset({"rpms", "modules", "container", "containers", "flatpaks"})

#: Keys of those who take part in an issue or a pull request.
PARTICIPANT_KEYS: Final = ("user", "author", "assignee", "merged_by")
PARTICIPANT_LISTS: Final = ("assignees", "reviewers", "requested_reviewers")

#: Words for what was done that may be in a sentence, as long as they are verbs: ``opened``.
_PLAIN_WORD: Final = re.compile(r"[a-z_]{1,30}ed")

#: Enough of a commit's hash to tell it from the others of its repository.
SHORT_HASH: Final = 8


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository by its path at the forge, ``mossers/moss``, and the address of its page."""

    name: str
    url: str
    is_fork: bool = False

    @property
    def packages(self) -> tuple[Package, ...]:
        """The package whose repository it is, as ``rpms/moss`` is; a fork is nobody's package."""
        owner, _, name = self.name.rpartition("/")
        namespace = owner.rpartition("/")[2]
        known = namespace in PACKAGE_NAMESPACES and bool(name) and not self.is_fork
        return (Package(namespace, name),) if known else ()


class ForgeEvent(EventType):
    """Anything from a forge."""

    #: The forge's address, where a message doesn't say it.
    forge: ClassVar[str] = ""

    def sender(self, m: MessageReader) -> str:
        """Login of who caused the event."""
        return login(payload(m), "sender")

    def participants(self, m: MessageReader) -> Iterable[str]:
        """Logins of those whom the event concerns, such as the author of an issue."""
        return ()

    def texts(self, m: MessageReader) -> Iterable[str]:
        """What somebody wrote, which may mention people."""
        return ()

    def repository(self, m: MessageReader) -> Repository:
        """The repository that the event is about."""
        return repository_in(payload(m).at("repository"))

    def account(self, m: MessageReader, name: str) -> str:
        """The account of a login; ``""`` if it isn't known."""
        if name and name == self.sender(m) and m.text("agent"):
            return m.text("agent")
        return name if has_our_accounts(m, self.repository(m).url, self.sender(m)) else ""

    def agent(self, m: MessageReader) -> str | None:
        return m.text("agent") or self.account(m, self.sender(m)) or None

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield self.agent(m)
        named = (name for text in self.texts(m) for name in mentions(text))
        for name in dict.fromkeys((*self.participants(m), *named)):
            yield self.account(m, name)

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return self.repository(m).packages

    def link(self, m: MessageReader) -> str:
        return self.repository(m).url or self.forge

    def secondary_icon(self, m: MessageReader) -> str:
        name = self.agent(m) or self.sender(m)
        return avatar(name) if name else ""

    def called(self, m: MessageReader, name: str) -> str:
        """Somebody as part of a sentence: by account if it's known, else by login; ``""`` for nobody."""
        return self.account(m, name) or name

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            "who": self.agent(m) or self.sender(m) or "Somebody",
            "repository": self.repository(m).name or "a repository",
        }


def payload(m: JsonNode) -> JsonNode:
    """The forge's JSON in a message."""
    return m.at("body") if m.keys("body") else JsonNode(m.raw)


class ForgeActionEvent(ForgeEvent):
    """An event whose body says what was done, while its topic only says with what."""

    #: The page of a repository isn't a thread; those of issues and the like are.
    threaded = False
    #: What was done, in the forge's word, in messages of this type; none for anything.
    actions: ClassVar[frozenset[str]] = frozenset()

    def matches(self, m: MessageReader) -> bool:
        return not self.actions or self.action(m) in self.actions

    def action(self, m: MessageReader) -> str:
        """What was done, in the forge's word."""
        return payload(m).text("action")


def done(action: str, verbs: Mapping[str, str]) -> str:
    """A forge's word for what was done as a verb in the past, of which it's mostly one."""
    if action in verbs:
        return verbs[action]
    return action.replace("_", " ") if _PLAIN_WORD.fullmatch(action) else "changed"


def event_name(m: MessageReader) -> str:
    """The forge's name of an event as part of a sentence, from the topic."""
    return m.title.partition(".")[2].replace("_", " ").strip(". ") or "of some name"


def login(node: JsonNode, *path: str | int) -> str:
    """The login of a person at ``path``; ``""`` without one."""
    found = node.at(*path)
    return found.text("login") or found.text("username")


def repository_in(node: JsonNode) -> Repository:
    """The repository of an object as GitHub and Forgejo describe it."""
    owner = login(node, "owner") or node.text("owner", "name")
    name = node.text("full_name") or "/".join(filter(None, (owner, node.text("name"))))
    return Repository(name, node.text("html_url"), node.flag("fork"))


def has_our_accounts(m: MessageReader, url: str, sender: str) -> bool:
    """Whether logins in a message of the forge of this address are accounts.

    A webhook of this installation names its sender as agent only if they are.
    """
    if m.message.source.startswith(HOOK_SOURCE):
        return bool(sender) and m.text("agent") == sender
    return f".{host_of(url)}".endswith(ACCOUNT_HOSTS)


def host_of(url: str) -> str:
    """The host of an address; ``""`` without one."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def participants_of(thing: JsonNode) -> Iterator[str]:
    """Logins of an issue's or a pull request's author, assignees and reviewers."""
    for key in PARTICIPANT_KEYS:
        yield login(thing, key)
    for key in PARTICIPANT_LISTS:
        for person in thing.nodes(key):
            yield login(person)


def numbered(repository: str, number: str, title: str, sign: str = "#") -> str:
    """An issue or a pull request as part of a sentence: ``moss#4 "Too dry"``; ``""`` without a number."""
    return " ".join(filter(None, (f"{repository}{sign}{number}", quoted(title)))) if number else ""


def named_commit(revision: str) -> str:
    """A commit as part of a sentence."""
    return f"the commit {revision[:SHORT_HASH]}" if revision else "a commit"


def committers(m: MessageReader, commits: Iterable[JsonNode]) -> Iterator[str]:
    """The accounts of commits' authors, as far as their addresses are known."""
    for commit in commits:
        yield m.account(commit.text("author", "email")) or ""


def commit_list(commits: Iterable[JsonNode]) -> str:
    """The commits of a push, a line each."""
    return bullets(_commit(commit) for commit in commits)


def commit_title(commits: list[JsonNode]) -> str:
    """The only commit's title as the end of a sentence: ``: "Grow faster"``; ``""`` for several."""
    title = quoted(first_line(commits[0].text("message"))) if len(commits) == 1 else ""
    return f": {title}" if title else ""


def _commit(commit: JsonNode) -> str:
    author, title = commit.text("author", "name"), first_line(commit.text("message"))
    return " ".join(filter(None, (title, f"({author})" if author else "")))


def wrapped(body: Mapping[str, Any], agent: str = "mary") -> Mapping[str, Any]:
    """Body of an example: a forge's JSON as publishers wrap it."""
    return {"body": dict(body), "headers": {"content-type": "application/json"}, "agent": agent}


#: A commit of a push, for examples.
PUSHED_COMMIT: Final[dict[str, Any]] = {
    "id": REVISION, "message": "Grow on the north side\n\nThe south side is too dry.",
    "author": {"name": "Mary Made-up", "email": "mary@example.org", "username": "mary"},
    "added": [], "removed": [], "modified": ["moss.c"],
}
