"""Recorded messages with what's known of them, from the reference material beside the project.

It isn't part of the project: where it's missing, tests that need it are skipped (:data:`needs_corpus`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fmn.catalog import Message

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the recorded messages aren't beside the project (../shared/corpus)")

#: The nicks and addresses that the recorded facts were made with.
ACCOUNTS = {
    "threebean": "ralph",
    "rbean@redhat.com": "ralph",
    "puiterwijk@gmail.com": "puiterwijk",
    "nicolas.mailhot@laposte.net": "nim",
}


#: Services that moved since, by the beginnings of their addresses then and now.
MOVED = {
    "http://koji.": "https://koji.",
    "http://arm.koji.": "https://arm.koji.",
    "https://apps.fedoraproject.org/koschei": "https://koschei.fedoraproject.org",
    "https://admin.fedoraproject.org/voting": "https://elections.fedoraproject.org",
}
#: Messages that concern more people than FMN 2 said: authors of issues and pull requests, those who took
#: part, and those who got or lost access to a project.
MORE_PEOPLE = "pagure."
#: Rules that are answered by people, so differently about such messages.
PEOPLE_RULES = frozenset({"user_filter", "not_user_filter", "fas_group_member_filter"})
#: Messages with a better link: to the commits that were pushed, and to issues that are still there.
BETTER_LINKS = frozenset({"pagure.TestGitCommit", "pagure.TestIssueDrop"})


def differing(rule: str, now: Iterable[str], then: Iterable[str]) -> list[str]:
    """The messages about which a rule's answers differ without a reason given above."""
    more = MORE_PEOPLE if rule in PEOPLE_RULES else " "
    return sorted(name for name in {*now} ^ {*then} if not name.startswith(more))


@dataclass(frozen=True)
class Recorded:
    """A recorded message and the facts of it that can be depended on, by field; lists are sorted."""

    name: str
    message: Message
    facts: Mapping[str, Any]


    def agrees(self, field: str, now: Any) -> bool:
        """Whether an answer is the recorded one, or better for a reason given above."""
        then = self.facts[field]
        if field == "link" and then and self.name not in BETTER_LINKS:
            old = next(filter(then.startswith, MOVED), "")
            return bool(now == MOVED.get(old, "") + then.removeprefix(old))
        if field == "usernames" and self.name.startswith(MORE_PEOPLE):
            return set(then) <= set(now)
        return bool((now or None) == (then or None)) or (field == "link" and self.name in BETTER_LINKS)


def recorded() -> list[Recorded]:
    """All recorded messages; none where the corpus is missing."""
    return list(_read()) if CORPUS.is_dir() else []


def _read() -> Iterator[Recorded]:
    with (CORPUS / "fedmsg-events.jsonl").open(encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            undependable = {*entry.get("unknown", ()), *entry.get("unverified", ())}
            stated = {field: value for field, value in entry["expected"].items() if field not in undependable}
            yield Recorded(
                entry["name"], Message.from_wire(entry["message"]), {**stated, **entry.get("computed", {})})


def rules() -> Mapping[str, Any]:
    """What FMN 2's rules said of the recorded messages, by rule; empty where the corpus is missing."""
    path = CORPUS / "rules" / "truth.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["rules"] if path.exists() else {}
    return found
