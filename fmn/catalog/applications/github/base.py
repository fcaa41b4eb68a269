"""What GitHub's messages have in common: somebody who sent it, a repository, and who has which account.

Webhooks come as GitHub sends them, wrapped in an object with the sender's account, see
:mod:`fmn.catalog.forges`. github2fedmsg passed them on bare, with ``fas_usernames``: the accounts of those
people whom it knew, by their login at GitHub. Its topics said what was done, ``github.issue.opened``; today's
are GitHub's names of events, and the body says it: ``github.issues``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final

from fmn.catalog.events import Package, sample
from fmn.catalog.forges import ForgeEvent, login, numbered, participants_of, payload, wrapped
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page

GITHUB: Final = "https://github.com"

#: Organizations at GitHub have such accounts, which are nobody's.
ORGANIZATION: Final = "github_org_"

#: Where issues, pull requests and the like are in a body, with their authors, assignees and reviewers.
THREAD_KEYS: Final = ("issue", "pull_request", "discussion")
#: Where one writes something about them.
TEXT_KEYS: Final = ("comment", "review", "answer")
#: Where other people are.
PEOPLE_KEYS: Final = ("assignee", "requested_reviewer", "member")

#: What was done, where GitHub's word for it is no verb in the past.
DONE: Final = {
    "review_requested": "asked for a review of",
    "review_request_removed": "took back a request to review",
    "converted_to_draft": "made a draft of",
    "ready_for_review": "finished the draft of",
    "auto_merge_enabled": "let checks decide on merging",
    "auto_merge_disabled": "no longer lets checks decide on merging",
    "synchronize": "updated the commits of",
}


class GitHub(ForgeEvent):
    """Anything from GitHub."""

    forge = GITHUB
    #: GitHub's word for what was done, where the topic doesn't say it; ``""`` for any.
    action: ClassVar[str] = ""

    def matches(self, m: MessageReader) -> bool:
        return bool(m.topic_part(2)) or self.action in {"", payload(m).text("action")}

    def sender(self, m: MessageReader) -> str:
        return super().sender(m) or payload(m).text("pusher", "name")

    def account(self, m: MessageReader, name: str) -> str:
        known = m.text("fas_usernames", name)
        return "" if known.startswith(ORGANIZATION) else known or super().account(m, name)

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield from super().usernames(m)
        for name in m.keys("fas_usernames"):
            yield self.account(m, name)

    def participants(self, m: MessageReader) -> Iterator[str]:
        """Who opened it, who's assigned or asked for a review, who wrote, and who's told of."""
        body = payload(m)
        for key in THREAD_KEYS:
            yield from participants_of(body.at(key))
        for key in TEXT_KEYS:
            yield login(body, key, "user")
        for key in PEOPLE_KEYS:
            yield login(body, key)

    def texts(self, m: MessageReader) -> Iterator[str]:
        """What somebody wrote just now: a text that was there before mentions nobody again."""
        body = payload(m)
        for key in TEXT_KEYS:
            yield body.text(key, "body")
        if done_in(m) == "opened":
            for key in THREAD_KEYS:
                yield body.text(key, "body")

    def packages(self, m: MessageReader) -> Iterable[Package]:
        """None: an organization called ``rpms`` isn't where a distribution's packages are."""
        return ()

    def link(self, m: MessageReader) -> str:
        return repository_page(m, self.repository(m).name)

    def person(self, m: MessageReader, *path: str | int) -> str:
        """Somebody as part of a sentence: by account if it's known, else by login; ``""`` for nobody."""
        return self.called(m, login(payload(m), *path))

    def numbered(self, m: MessageReader, thing: JsonNode) -> str:
        """An issue or a pull request as part of a sentence; ``""`` if it has no number."""
        return numbered(self.repository(m).name, thing.text("number"), thing.text("title"))


def done_in(m: MessageReader) -> str:
    """GitHub's word for what was done: the message says so itself, or its topic."""
    return payload(m).text("action") or m.topic_part(2)


def done(m: MessageReader) -> str:
    """What somebody did, as a verb in the past: the message says so itself, and its topic."""
    action = done_in(m)
    return DONE.get(action) or action.replace("_", " ") or "changed"


def commented(m: MessageReader) -> str:
    """What somebody did with a comment."""
    action = payload(m).text("action")
    return f"{action} a comment on" if action in ("edited", "deleted") else "commented on"


def repository_page(m: MessageReader, name: str, *parts: str) -> str:
    """A page of the repository that a message is about."""
    root = payload(m).text("repository", "html_url") or page(GITHUB, name)
    return page(root, *parts)


#: Made up for examples.
MARY: dict[str, Any] = {"login": "mossymary", "id": 4711, "type": "User"}
SAM: dict[str, Any] = {"login": "sam42", "id": 4712, "type": "User"}
REPOSITORY: dict[str, Any] = {
    "id": 815, "name": "moss", "full_name": "mossers/moss", "html_url": "https://github.com/mossers/moss",
    "owner": {"login": "mossers", "id": 1, "type": "Organization"}, "private": False, "fork": False,
    "default_branch": "main", "description": "Grows on the north side of trees",
}


def webhook(**body: Any) -> Mapping[str, Any]:
    """Body of an example: a webhook's as publishers wrap it."""
    return sample(**wrapped({"repository": REPOSITORY, "sender": MARY, **body}))
