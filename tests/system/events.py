"""Made-up events of our catalogue's types, each with a word in it that no other has."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.system.population import Crowd

FEDORA, PAGURE = "org.fedoraproject.prod", "io.pagure.prod"
#: The word: it's never broken at the end of a line, shortened or taken for another one.
TOKEN = re.compile(r"\bevent\d{6}q\b")


@dataclass(frozen=True)
class Event:
    """What happened, and what we know of it without having asked the catalogue."""

    token: str
    topic: str
    msg: Mapping[str, Any]
    people: frozenset[str]
    packages: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Subjects:
    """Whom and what an event is about."""

    token: str
    who: str
    other: str
    package: str
    chance: random.Random


def make_events(crowd: Crowd, count: int, chance: random.Random) -> Sequence[Event]:
    """So many events about a crowd's people and packages."""
    nicks, packages = [person.nick for person in crowd.people], crowd.packages
    return [
        chance.choice(KINDS)(Subjects(f"event{number:06}q", who, other, chance.choice(packages), chance))
        for number in range(count)
        for who, other in (chance.sample(nicks, 2),)
    ]


def _push(s: Subjects) -> Event:
    commit = {
        "rev": f"{s.chance.getrandbits(160):040x}", "namespace": "rpms", "repo": s.package, "branch": "f44",
        "username": s.who, "name": "Some Body", "email": f"{s.who}@home.example.org",
        "summary": f"Mend {s.token}", "message": f"Mend {s.token}\n\nIt was broken.",
        "stats": {"files": {f"{s.package}.spec": {"additions": 3, "deletions": 1}}},
    }
    return Event(s.token, f"{FEDORA}.git.receive", {"agent": s.who, "commit": commit},
                 frozenset({s.who}), frozenset({s.package}))


def _build(s: Subjects) -> Event:
    started, completed, failed = 0, 1, 3
    msg = {
        "build_id": s.chance.randrange(10**6), "task_id": s.chance.randrange(10**6), "name": s.package,
        "version": "2.4", "release": s.token, "owner": s.who, "attribute": "state", "old": 0,
        "new": s.chance.choice([started, completed, failed]),
        "instance": s.chance.choice(["primary", "primary", "arm"]),
    }
    return Event(s.token, f"{FEDORA}.buildsys.build.state.change", msg,
                 frozenset({s.who}), frozenset({s.package}))


def _update(s: Subjects) -> dict[str, Any]:
    return {
        "alias": f"FEDORA-2026-{s.chance.getrandbits(40):010x}", "title": f"{s.package}-2.4-{s.token}",
        "builds": [{"nvr": f"{s.package}-2.4-{s.token}", "type": "rpm"}], "bugs": [], "critpath": False,
        "notes": "Mended.", "status": "testing", "type": "bugfix", "user": {"name": s.other},
    }


def _comment(s: Subjects) -> Event:
    """It concerns who wrote it and who made the update."""
    text = s.chance.choice(["Works here.", f"Works here. @{s.other}, there, too?"])
    named = {s.who, s.other}
    comment = {"text": text, "karma": 1, "user": {"name": s.who}, "update": _update(s)}
    return Event(s.token, f"{FEDORA}.bodhi.update.comment", {"agent": s.who, "comment": comment},
                 frozenset(named), frozenset({s.package}))


def _testing(s: Subjects) -> Event:
    return Event(s.token, f"{FEDORA}.bodhi.update.request.testing", {"agent": s.who, "update": _update(s)},
                 frozenset({s.who, s.other}), frozenset({s.package}))


def _issue(s: Subjects) -> Event:
    issue = {"id": 4, "title": f"About {s.token}", "content": "It broke.", "status": "Open", "tags": []}
    project = {"name": "pond", "fullname": "pond", "namespace": None, "parent": None}
    msg = {"agent": s.who, "issue": issue, "project": project}
    return Event(s.token, f"{PAGURE}.pagure.issue.new", msg, frozenset({s.who}))


def _sponsor(s: Subjects) -> Event:
    return Event(s.token, f"{FEDORA}.fas.group.member.sponsor",
                 {"agent": s.who, "user": s.other, "group": s.token}, frozenset({s.who, s.other}))


def _badge(s: Subjects) -> Event:
    msg = {"user": {"username": s.who, "badges_user_id": 42}, "badge": {"name": f"Badge {s.token}"}}
    return Event(s.token, f"{FEDORA}.fedbadges.badge.award", msg, frozenset({s.who}))


def _upload(s: Subjects) -> Event:
    msg = {"agent": s.who, "name": s.package, "filename": f"{s.token}.tar.xz", "md5sum": "0" * 32}
    return Event(s.token, f"{FEDORA}.git.lookaside.new", msg, frozenset({s.who}), frozenset({s.package}))


def _unknown(s: Subjects) -> Event:
    """From an application that the catalogue doesn't know."""
    state = s.chance.choice(["leaking", "dripping", "shut"])
    return Event(s.token, f"{FEDORA}.waterworks.tap.{s.token}", {"tap": 7, "state": state}, frozenset())


KINDS: Sequence[Callable[[Subjects], Event]] = (
    _push, _build, _build, _comment, _testing, _issue, _sponsor, _badge, _upload, _unknown)
