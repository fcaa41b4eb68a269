"""What GitLab's messages have in common: a project, and somebody who did something there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fmn.catalog.forges import ForgeActionEvent, Repository, login, payload
from fmn.catalog.message_reader import JsonNode, MessageReader

GITLAB = "https://gitlab.com"


class GitLab(ForgeActionEvent):
    """Anything from a GitLab."""

    def sender(self, m: MessageReader) -> str:
        sent = payload(m)
        return login(sent, "user") or sent.text("user_username")

    def repository(self, m: MessageReader) -> Repository:
        project = payload(m).at("project")
        url = project.text("web_url") or payload(m).text("repository", "homepage")
        # A fork is in its owner's namespace, so that its path isn't a package's.
        return Repository(project.text("path_with_namespace") or project.text("name"), url)

    def attributes(self, m: MessageReader) -> JsonNode:
        """What the event is about, such as an issue, with what happened to it."""
        return payload(m).at("object_attributes")

    def action(self, m: MessageReader) -> str:
        return self.attributes(m).text("action") or payload(m).text("action")

    def participants(self, m: MessageReader) -> Iterable[str]:
        return participants_of(payload(m), self.attributes(m))

    def link(self, m: MessageReader) -> str:
        instance = m.text("headers", "x-gitlab-instance")
        return self.attributes(m).text("url") or super().link(m) or instance


def participants_of(sent: JsonNode, thing: JsonNode) -> Iterator[str]:
    """Logins of an issue's or a merge request's author, assignees and reviewers.

    GitLab gives the author as a number only; its login is known if somebody else in the message has it.
    """
    people = [sent.at("user"), *sent.nodes("assignees"), *sent.nodes("reviewers")]
    author = thing.text("author_id")
    yield from (login(person) for person in people[1:])
    yield from (login(person) for person in people[:1] if author and person.text("id") == author)
    yield login(thing, "assignee")


#: Made up for examples.
MARY: dict[str, Any] = {"id": 47, "name": "Mary Made-up", "username": "mossymary", "email": "[REDACTED]"}
SAM: dict[str, Any] = {"id": 48, "name": "Sam Sample", "username": "sam42", "email": "[REDACTED]"}
PROJECT: dict[str, Any] = {
    "id": 815, "name": "Moss", "namespace": "Mossers", "path_with_namespace": "mossers/moss",
    "web_url": f"{GITLAB}/mossers/moss", "default_branch": "main", "visibility_level": 20,
}
#: What nearly every example has.
ALWAYS: dict[str, Any] = {"project": PROJECT, "user": MARY}
