"""What Bodhi's messages have in common, in the shapes of its three generations.

Bodhi 1 wrote people and builds as texts and named an update by its title, the list of its builds.
Bodhi 2 and 3 wrote both as objects. Bodhi 4 names an update by its alias, and who made it ``user``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from fmn.catalog.accounts_in_messages import avatar, person
from fmn.catalog.builds import package_name
from fmn.catalog.events import EventType, Package
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import SERIES_LENGTH, bullets, join_series, labelled, paragraphs, shorten

BODHI = "https://bodhi.fedoraproject.org"

#: Bodhi's types of content by the namespace that dist-git keeps them in.
NAMESPACES = {"rpm": "rpms", "module": "modules", "container": "container", "flatpak": "flatpaks"}

#: Between the builds in a title.
SEPARATORS = re.compile(r"[ ,]+")


class Bodhi(EventType):
    """Anything from Bodhi."""

    def link(self, m: MessageReader) -> str:
        return BODHI

    def secondary_icon(self, m: MessageReader) -> str:
        return super().secondary_icon(m) or self.application.icon


class Update(Bodhi):
    """Something happened to an update."""

    def agent(self, m: MessageReader) -> str | None:
        return super().agent(m) or submitter(update_of(m)) or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), submitter(update_of(m)))

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return packages_of(update_of(m))

    def link(self, m: MessageReader) -> str:
        return page(BODHI, "updates", identifier(m))

    def secondary_icon(self, m: MessageReader) -> str:
        maker = submitter(update_of(m))
        return avatar(maker) if maker else super().secondary_icon(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        update = name_of(m)
        maker = submitter(update_of(m))
        return {
            **super().template_values(m),
            "name": update or "an update",
            "update": f"the update {update}" if update else "an update",
            "whose_update": _whose(maker, update),
        }

    def long(self, m: MessageReader) -> str:
        return about(update_of(m))


def _whose(maker: str, update: str) -> str:
    if not update:
        return "An update"
    return f"{maker}'s update {update}" if maker else f"The update {update}"


def update_of(m: MessageReader) -> JsonNode:
    """The update that a message is about."""
    return m.at("update") if m.has("update") else m.at("comment", "update")


def submitter(update: JsonNode) -> str:
    """Who made an update."""
    return person(update, "user") or person(update, "submitter")


def identifier(m: MessageReader) -> str:
    """What the address of an update's page ends with."""
    update = update_of(m)
    return next(filter(None, (
        update.text("alias"), update.text("title"),
        m.text("comment", "update_alias"), m.text("comment", "update_title"),
    )), "")


def builds_of(update: JsonNode) -> list[str]:
    """The builds in an update, by NVR."""
    builds = [build.text("nvr") or build.text() for build in update.nodes("builds")]
    return list(filter(None, builds)) or builds_in(update.text("title"))


def builds_in(title: str) -> list[str]:
    """The builds that a title lists."""
    return list(filter(None, SEPARATORS.split(title)))


def packages_of(update: JsonNode) -> Iterator[Package]:
    """The packages in an update."""
    builds = [build for build in update.nodes("builds") if build.text("nvr")]
    for build in builds:
        yield Package(NAMESPACES.get(build.text("type"), ""), package_name(build.text("nvr")))
    if not builds:
        yield from packages_in(update.text("title"))


def packages_in(title: str) -> Iterator[Package]:
    """The packages in the builds that a title lists."""
    return (Package("", package_name(build)) for build in builds_in(title))


def name_of(m: MessageReader) -> str:
    """An update as part of a sentence: its builds, or what else it's called by."""
    update = update_of(m)
    builds = builds_of(update) or builds_in(m.text("comment", "update_title"))
    return join_series(builds, most=SERIES_LENGTH - 1) or shorten(identifier(m))


def about(update: JsonNode) -> str:
    """An update in full: what it's for, what's in it, what its maker says of it."""
    severity = update.text("severity")
    return paragraphs(
        labelled(
            Update=update.text("alias"),
            Release=update.text("release", "long_name") or update.text("release", "name"),
            Type=update.text("type"),
            Severity="" if severity == "unspecified" else severity,
            Status=update.text("status"),
            Bugs=", ".join(filter(None, (bug.text("bug_id") or bug.text() for bug in update.nodes("bugs")))),
        ),
        bullets(builds_of(update)),
        update.text("notes"),
    )


#: Updates for examples: as Bodhi writes them today, and all that the first Bodhi said of some.
UPDATE = {
    "alias": "FEDORA-2026-3f0c2a51d7",
    "title": "moss-2.4-1.fc44",
    "builds": [{"nvr": "moss-2.4-1.fc44", "type": "rpm", "release_id": 71, "signed": True, "epoch": 0}],
    "bugs": [{"bug_id": 4711, "title": "moss grows on the wrong side of trees"}],
    "critpath": False,
    "karma": 0,
    "notes": "Moss grows on the north side of trees again.",
    "release": {"name": "F44", "long_name": "Fedora 44", "version": "44", "branch": "f44"},
    "request": None,
    "severity": "medium",
    "status": "testing",
    "type": "bugfix",
    "user": {"name": "mary", "groups": [{"name": "packager"}]},
}
