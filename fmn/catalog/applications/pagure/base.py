"""What Pagure's messages have in common: a project, and the forge it's on.

Two forges run on Pagure: pagure.io, and dist-git's, which sends the same messages under another prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.commits import REVISION
from fmn.catalog.events import EventType, Package
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import join_series, quoted

#: The forges by their topics' prefix: the address, and that of the staging instance.
FORGES = {
    "io.pagure": ("https://pagure.io", "https://stg.pagure.io"),
    "org.fedoraproject": ("https://src.fedoraproject.org", "https://src.stg.fedoraproject.org"),
}

#: Addresses of the forges, by which projects say where they are.
ROOTS = tuple(root for roots in FORGES.values() for root in roots)

#: Namespaces of packages' repositories at dist-git.
PACKAGE_NAMESPACES = frozenset({"rpms", "modules", "container", "containers", "flatpaks"})

#: Where pull requests are in a body: Pagure has spelled that in several ways.
PULL_REQUEST_KEYS = ("pullrequest", "pull_request", "pull-request", "request")

#: Where projects are in a body.
PROJECT_PATHS = (
    *((key, "project") for key in PULL_REQUEST_KEYS), ("project",), ("repo",), ("commit", "repo"),
)


class Pagure(EventType):
    """Anything from Pagure."""

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return packages_of(m)

    def link(self, m: MessageReader) -> str:
        return forge(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "project": project_path(project_of(m)) or "a project"}


def forge(m: MessageReader) -> str:
    """The address of the forge that sent a message."""
    prefix = m.topic.rpartition(f".{m.environment}.{m.title}")[0]
    production, staging = FORGES.get(prefix, FORGES["io.pagure"])
    # pagure.io's messages have come under dist-git's prefix, too.
    return named_forge(m) or (staging if m.environment == "stg" else production)


def named_forge(m: MessageReader) -> str:
    """The address of the forge that the project of a message names; ``""`` for an unknown or none."""
    named = project_of(m).text("full_url")
    return next((root for root in ROOTS if named.startswith(f"{root}/")), "")


def packages_of(m: MessageReader) -> Iterator[Package]:
    """The package whose repository the project is: ``rpms/moss`` at dist-git. A fork is nobody's package."""
    project = project_of(m)
    elsewhere = named_forge(m) in FORGES["io.pagure"]
    if project.text("namespace") in PACKAGE_NAMESPACES and not project.keys("parent") and not elsewhere:
        yield Package(project.text("namespace"), project.text("name"))


def participants_of(thing: JsonNode) -> Iterator[str]:
    """Who opened an issue or a pull request, is assigned to it, closed it, or commented on it."""
    for key in ("user", "assignee", "closed_by"):
        yield person(thing, key)
    for comment in thing.nodes("comments"):
        yield person(comment, "user")


def project_of(m: MessageReader) -> JsonNode:
    """The project that a message is about."""
    return next((m.at(*path) for path in PROJECT_PATHS if m.text(*path, "name")), JsonNode(None))


def project_path(project: JsonNode) -> str:
    """``moss``, ``rpms/moss``, ``fork/mary/rpms/moss``, as in the address of the project's page."""
    name = project.text("name")
    owner = person(project, "user")
    parts = ["fork", owner] if owner and project.keys("parent") else []
    return "/".join([*parts, *filter(None, [project.text("namespace")]), name]) if name else ""


def project_page(m: MessageReader, *parts: str, anchor: str = "") -> str:
    """A page of the project that a message is about."""
    return page(forge(m), project_path(project_of(m)), *parts, anchor=anchor)


def pull_request_of(m: MessageReader) -> JsonNode:
    """The pull request that a message is about."""
    return next((m.at(key) for key in PULL_REQUEST_KEYS if m.keys(key)), JsonNode(None))


def tags_of(m: MessageReader) -> str:
    """The tags that a message names, as part of a sentence."""
    tags = m.texts("tags")
    return f"the tag{'s' if len(tags) > 1 else ''} {join_series(tags)}" if tags else "a tag"


def fields_of(m: MessageReader) -> str:
    """The fields that a message says were changed, as part of a sentence."""
    return join_series(f"the {field.replace('_', ' ')}" for field in m.texts("fields")) or "something"


def numbered(project: str, thing: JsonNode) -> str:
    """An issue or a pull request as part of a sentence: ``moss#4 "Too dry"``, ``""`` if it has no number."""
    number = thing.text("id")
    return " ".join(filter(None, [f"{project}#{number}", quoted(thing.text("title"))])) if number else ""


def comment_of(m: MessageReader, thing: JsonNode) -> JsonNode:
    """The comment that a message is about: the one it has, else the last one of its issue or pull request."""
    return m.at("comment") if m.keys("comment") else thing.at("comments", -1)


def comment_anchor(comment: JsonNode) -> str:
    """Where on a page a comment is."""
    number = comment.text("id")
    return f"comment-{number}" if number else ""


#: Made up for examples.
MARY = {"name": "mary", "fullname": "Mary Made-up", "url_path": "user/mary"}
SAM = {"name": "sam", "fullname": "Sam Sample", "url_path": "user/sam"}
PROJECT: dict[str, Any] = {
    "id": 7, "name": "moss", "fullname": "moss", "url_path": "moss", "namespace": None, "parent": None,
    "description": "Grows on the north side of trees", "tags": ["forest"], "user": MARY,
}
ISSUE: dict[str, Any] = {
    "id": 4, "title": "Too dry on the south side", "content": "Moss doesn't grow where it's dry.",
    "status": "Open", "private": False, "tags": ["easyfix"], "assignee": None, "comments": [],
    "blocks": [], "depends": [], "user": SAM,
}
PULL_REQUEST: dict[str, Any] = {
    "id": 12, "uid": "3b0cc178203046fe86f675779b31b913", "title": "Water the south side",
    "initial_comment": "It's dry there.", "status": "Open", "branch": "main", "branch_from": "water",
    "assignee": None, "comments": [], "commit_stop": REVISION, "project": PROJECT, "user": SAM,
}
COMMENT: dict[str, Any] = {
    "id": 4711, "comment": "A drop a day will do.", "date_created": "1773480000", "user": MARY,
}
