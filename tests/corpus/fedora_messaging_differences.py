"""Differences between the catalogue and fedora-messaging's schema packages that stay, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Names of nobody: what some publishers write when they know none.
NOBODY: Final = frozenset({"", "None"})

#: Where services are today, by the host in a recorded message's or a class's link.
HOSTS: Final = {
    # Pagure's tests' own installation.
    "localhost.localdomain": "pagure.io",
}

#: Applications whose differences have no reasons yet; the test expects them to fail.
PENDING: Final = frozenset({
    "anitya",
    "ansible",
    "badges",
    "bodhi",
    "bugzilla",
    "buildsys",
    "copr",
    "fedocal",
    "fedora_elections",
    "fmn",
    "git",
    "github",
    "hotness",
    "kerneltest",
    "koschei",
    "mailman",
    "mdapi",
    "meetbot",
    "mirrormanager",
    "pagure",
    "planet",
    "wiki",
})


@dataclass(frozen=True)
class Difference:
    """A field in which we differ from classes, by their schemas or their messages' titles, and why."""

    field: str
    reason: str
    schemas: tuple[str, ...]


DIFFERENCES: Final[tuple[Difference, ...]] = (
    # Applications that came with fedora-messaging.
    Difference("usernames", "Fedora's forge has Fedora's accounts, so that logins there are known people", (
        "forgejo.action_run_success",
        "forgejo.issue_comment",
        "forgejo.pull_request",
        "forgejo.push",
    )),
    Difference("agent", "The publisher knew no account, but Fedora's forge has Fedora's accounts", (
        "forgejo.action_run_success",
        "forgejo.issue_comment",
        "forgejo.pull_request",
        "forgejo.push",
    )),
    Difference("agent", "The class names nobody, though the body has an agent", (
        "nuancier.new",
    )),
    Difference("severity", "What failed stays broken until somebody mends it", (
        "forgejo.action_run_failure",
    )),
    Difference("severity", "What was cancelled, deleted or taken from somebody is worth a warning", (
        "discourse.post.post_destroyed",
        "fas.group.member.removed",
        "forgejo.action_run_cancelled",
    )),
    Difference("severity", "A changed profile is worth a warning: it may have been somebody else", (
        "fas.user.update",
    )),
    Difference("severity", "Edited texts interest few people", (
        "discourse.post.post_edited",
        "discourse.topic.topic_edited",
    )),
)
