"""Bugzilla, where bugs in packages are: filed, changed, commented on.

Its messages came in the shape of Bugzilla 4 first, with texts for people and components; Bugzilla 5 has
objects for both, which the relay in between flattened for a while. It knows people by e-mail address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fmn.catalog.events import Application, EventType, Package, sample
from fmn.catalog.identities import addresses_in, avatar_of
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import bullets, join_series, labelled, paragraphs, quoted

BUGZILLA = "https://bugzilla.redhat.com"

#: Components that aren't packages.
NO_PACKAGES = frozenset({
    "distribution", "LiveCD", "LiveCD - FEL", "LiveCD - Games", "LiveCD - KDE", "LiveCD - LXDE",
    "LiveCD - Xfce", "Package Review",
})

#: The account that an address of Bugzilla's would have, which stands for no assignee.
NOBODY = "nobody"

#: Changes of these name people.
PEOPLE_FIELDS = frozenset({"cc", "assigned_to", "flag.needinfo"})

#: Changes of these say in a sentence to what.
TOLD_FIELDS = frozenset({"status", "bug_status", "resolution"})

#: Fields by better names than their own.
BETTER_NAMES = {"assigned_to": "assignee", "cc": "cc list", "flag.needinfo": "needinfo flag"}

#: Fields that change along with others.
SILENT_FIELDS = frozenset({"cf_last_closed"})


def name_of(node: JsonNode, *path: str | int) -> str:
    """A person, component or state, be it a text or an object with a name or a login."""
    found = node.at(*path)
    return found.text() or found.text("login") or found.text("name")


def field_of(change: JsonNode) -> str:
    """The field that was changed."""
    return change.text("field") or change.text("field_name")


class Bugzilla(EventType):
    """Anything from Bugzilla: it's about one bug each."""

    summary_template = "{who} {did} {bug}"

    def actor(self, m: MessageReader) -> str:
        """Who caused the event, by e-mail address."""
        comment = m.at("comment")
        return (
            comment.text("author") or comment.text("creator")
            or m.text("event", "who") or m.text("event", "user", "login"))

    def agent(self, m: MessageReader) -> str | None:
        """The account of whoever caused the event: newer messages name it, unless it's an address."""
        named = m.text("agent_name")
        return (named if named and "@" not in named else m.account(self.actor(m))) or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        """Whose addresses it names, and the accounts that newer messages name themselves.

        Bugs without an assignee are assigned to an address that is nobody's.
        """
        named = (name for name in m.texts("usernames") if "@" not in name)
        people = {self.agent(m), *named, *(m.account(address) for address in self._addresses(m))}
        return people - {NOBODY}

    def _addresses(self, m: MessageReader) -> Iterator[str]:
        yield self.actor(m)
        yield name_of(m, "event", "who") or name_of(m, "event", "user")
        yield name_of(m, "bug", "creator") or name_of(m, "bug", "reporter")
        yield name_of(m, "bug", "assigned_to")
        yield from (name_of(watcher) for watcher in m.nodes("bug", "cc"))
        for change in m.nodes("event", "changes"):
            if field_of(change) in PEOPLE_FIELDS:
                yield from addresses_in(f"{change.text('added')} {change.text('removed')}")

    def packages(self, m: MessageReader) -> Iterable[Package]:
        names = {name_of(m, "bug", "component"), *m.texts("bug", "components")}
        return (Package("", name) for name in names - NO_PACKAGES)

    def link(self, m: MessageReader) -> str:
        return page(BUGZILLA, "show_bug.cgi", id=m.text("bug", "id"))

    def secondary_icon(self, m: MessageReader) -> str:
        return avatar_of(m, self.actor(m))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            "who": self.agent(m) or m.text("event", "user", "real_name") or self.actor(m) or "Somebody",
            "did": self.did(m),
            "bug": bug_name(m),
        }

    def did(self, m: MessageReader) -> str:
        """What the actor did with the bug."""
        target, action = m.text("event", "target"), m.text("event", "action")
        if target == "bug" and action == "create":
            return "filed"
        if m.keys("comment"):
            return "commented on"
        if m.keys("attachment"):
            return f"{'added' if action == 'create' else 'changed'} an attachment of"
        changes = filter(None, (_changed(change) for change in m.nodes("event", "changes")))
        return f"changed {join_series(changes) or 'something'} in"

    def long(self, m: MessageReader) -> str:
        return paragraphs(
            _comment(m),
            m.text("attachment", "description"),
            bullets(_difference(change) for change in m.nodes("event", "changes")),
            labelled(
                Component=name_of(m, "bug", "component"),
                Version=name_of(m, "bug", "version"),
                Status=" ".join(filter(None, (name_of(m, "bug", "status"), m.text("bug", "resolution")))),
                Severity=m.text("bug", "severity").replace("unspecified", ""),
            ),
        )


def bug_name(m: MessageReader) -> str:
    """The bug as part of a sentence."""
    number, component = m.text("bug", "id"), name_of(m, "bug", "component")
    where = f"({component})" if component else ""
    return " ".join(filter(None, (
        f"the bug #{number}" if number else "a bug", quoted(m.text("bug", "summary")), where)))


def _changed(change: JsonNode) -> str:
    field = field_of(change)
    if not field or field in SILENT_FIELDS:
        return ""
    to = f" to {change.text('added')}" if field in TOLD_FIELDS and change.text("added") else ""
    return f"the {_readable(field)}{to}"


def _difference(change: JsonNode) -> str:
    before, after = change.text("removed") or "(none)", change.text("added") or "(none)"
    return f"{_readable(field_of(change))}: {before} -> {after}" if field_of(change) else ""


def _readable(field: str) -> str:
    name = BETTER_NAMES.get(field, field)
    return name.removeprefix("bug_").removeprefix("cf_").replace("_", " ").replace(".", " ")


def _comment(m: MessageReader) -> str:
    comment = m.at("comment")
    return "" if comment.flag("is_private") else comment.text("text") or comment.text("body")


#: Made up for examples.
BUG: dict[str, Any] = {
    "id": 2345678, "summary": "moss grows on the south side", "component": "moss", "product": "Fedora",
    "version": "44", "status": "NEW", "resolution": "", "severity": "medium", "priority": "unspecified",
    "assigned_to": "mary@fedoraproject.org", "creator": "sam@fedoraproject.org", "cc": [], "keywords": [],
    "weburl": "https://bugzilla.redhat.com/show_bug.cgi?id=2345678",
}
SAM: dict[str, Any] = {"id": 4711, "login": "sam@fedoraproject.org", "real_name": "Sam Sample"}


class BugNew(Bugzilla):
    """Somebody filed a bug."""

    topics = ("bugzilla.bug.new",)
    rule = "bugzilla_bug_new"
    title = "New bug"
    group_summary_template = "{who:people} filed {bug:bugs}"
    example = sample(bug=BUG, event={
        "target": "bug", "action": "create", "routing_key": "bug.create", "bug_id": 2345678, "changes": [],
        "user": SAM, "who": "sam@fedoraproject.org", "time": 1773480413.0,
    })

    def did(self, m: MessageReader) -> str:
        return "filed"


class BugUpdate(Bugzilla):
    """Somebody changed a bug, or commented on it."""

    topics = ("bugzilla.bug.update",)
    rule = "bugzilla_bug_update"
    title = "Bug changed or commented on"
    group_summary_template = "{who:people} {did:alike} {bug:bugs}"
    example = sample(bug={**BUG, "status": "CLOSED", "resolution": "RAWHIDE"}, event={
        "target": "bug", "action": "modify", "routing_key": "bug.modify", "bug_id": 2345678,
        "user": SAM, "who": "sam@fedoraproject.org", "time": 1773480413.0,
        "changes": [
            {"field": "bug_status", "field_name": "bug_status", "removed": "NEW", "added": "CLOSED"},
            {"field": "resolution", "field_name": "resolution", "removed": "", "added": "RAWHIDE"},
        ],
    })


APPLICATION = Application(
    category="bugzilla",
    title="Bugzilla",
    help="Bugs in packages: filed, changed, commented on.",
    catchall="bugzilla_catchall",
    icon="https://apps.fedoraproject.org/img/icons/bugzilla.png",
    other=Bugzilla,
    events=(BugNew, BugUpdate),
)
