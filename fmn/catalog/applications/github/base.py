"""What GitHub's messages have in common: somebody who sent it, a repository, and who has which account.

github2fedmsg passes GitHub's webhooks on as they are, without most addresses, and adds ``fas_usernames``:
the accounts of those people whom it knows, by their login at GitHub.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.accounts_in_messages import avatar
from fmn.catalog.events import EventType
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import quoted

GITHUB = "https://github.com"

#: Organizations at GitHub have such accounts, which are nobody's.
ORGANIZATION = "github_org_"


class GitHub(EventType):
    """Anything from GitHub."""

    def login(self, m: MessageReader) -> str:
        """Who caused the event, by login at GitHub."""
        return m.text("sender", "login") or m.text("pusher", "name")

    def agent(self, m: MessageReader) -> str | None:
        return account_of_login(m, self.login(m)) or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (account_of_login(m, login) for login in m.keys("fas_usernames"))

    def link(self, m: MessageReader) -> str:
        return repository_page(m)

    def secondary_icon(self, m: MessageReader) -> str:
        person = self.agent(m) or self.login(m)
        return avatar(person) if person else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            "who": self.agent(m) or self.login(m) or "Somebody",
            "repository": repository_name(m) or "a repository",
        }


def account_of_login(m: MessageReader, login: str) -> str:
    """The account of somebody at GitHub, ``""`` if they haven't told it to github2fedmsg."""
    account = m.text("fas_usernames", login)
    return "" if account.startswith(ORGANIZATION) else account


def person_of(m: MessageReader, *path: str | int) -> str:
    """Somebody as part of a sentence: by account if it's known, else by login; ``""`` for nobody."""
    login = m.text(*path, "login")
    return account_of_login(m, login) or login


def repository_name(m: MessageReader) -> str:
    """The repository that a message is about: ``mossers/moss``."""
    return full_name(m.at("repository"))


def full_name(repository: JsonNode) -> str:
    """A repository's name with its owner."""
    owner = repository.text("owner", "login") or repository.text("owner", "name")
    return repository.text("full_name") or "/".join(filter(None, (owner, repository.text("name"))))


def repository_page(m: MessageReader, *parts: str) -> str:
    """A page of the repository that a message is about."""
    root = m.text("repository", "html_url") or page(GITHUB, repository_name(m))
    return page(root, *parts)


def numbered(m: MessageReader, thing: JsonNode) -> str:
    """An issue or a pull request as part of a sentence; ``""`` if it has no number."""
    number, repository = thing.text("number"), repository_name(m)
    return " ".join(filter(None, (f"{repository}#{number}", quoted(thing.text("title"))))) if number else ""


#: Made up for examples.
MARY: dict[str, Any] = {"login": "mossymary", "id": 4711, "type": "User"}
SAM: dict[str, Any] = {"login": "sam42", "id": 4712, "type": "User"}
REPOSITORY: dict[str, Any] = {
    "id": 815, "name": "moss", "full_name": "mossers/moss", "html_url": "https://github.com/mossers/moss",
    "owner": {"login": "mossers", "id": 1, "type": "Organization"}, "private": False, "fork": False,
    "default_branch": "main", "description": "Grows on the north side of trees",
}
#: What every example has.
ALWAYS: dict[str, Any] = {
    "repository": REPOSITORY, "sender": MARY,
    "fas_usernames": {"mossymary": "mary", "sam42": "sam", "mossers": "github_org_mossers"},
}
