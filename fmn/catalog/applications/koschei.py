"""Koschei, which builds packages again and again, and tells when that begins to fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from fmn.catalog.events import (
    SEVERAL,
    Application,
    ApplicationRule,
    Argument,
    EventType,
    Facts,
    Outcome,
    Package,
    Severity,
    sample,
)
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import package_icon, page
from fmn.text import labelled, split_list

KOSCHEI = "https://koschei.fedoraproject.org"

#: A package for examples.
PACKAGE: dict[str, Any] = {
    "name": "moss", "collection": "f44", "collection_name": "Fedora 44", "repo": "f44", "groups": ["forest"],
    "koji_instance": "primary",
}


class Koschei(EventType):
    """Anything from Koschei."""

    #: The state it stands for; ``""`` for all others.
    state: ClassVar[str] = ""

    def matches(self, m: MessageReader) -> bool:
        return not self.state or m.text("new") == self.state

    def link(self, m: MessageReader) -> str:
        return KOSCHEI

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        instance, new = m.text("koji_instance"), m.text("new")
        return {
            **super().template_values(m),
            "collection": collection_of(m) or "a collection",
            "new": f" to {new}" if new else "",
            "where": "" if instance in {"", "primary"} else f" ({instance})",
        }


def collection_of(m: MessageReader) -> str:
    """The collection of packages; at first it had no name but that of a repository."""
    return m.text("collection_name") or m.text("collection") or m.text("repo")


class PackageState(Koschei):
    """A package got into some other state."""

    topics = ("koschei.package.state.change",)
    rule = "koschei_package_other_state"
    title = "Package in another state"
    summary_template = "The state of {package} in {collection} changed{new}{where}"
    group_summary_template = (
        "The states of {package:packages} in {collection:collections} "
        "changed{new}{where}")
    example = sample(**PACKAGE, old="ok", new="blocked")

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("rpms", m.text("name")),)

    def groups(self, m: MessageReader) -> Iterable[str]:
        """The groups of packagers who care for the package."""
        return m.texts("groups")

    def link(self, m: MessageReader) -> str:
        collection = {"collection": m.text("collection")} if m.text("collection") else {}
        return page(KOSCHEI, "package", m.text("name"), **collection)

    def secondary_icon(self, m: MessageReader) -> str:
        return package_icon(m.text("name"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "package": m.text("name") or "a package"}

    def subject(self, m: MessageReader) -> Sequence[str]:
        return ("package", m.text("name"), collection_of(m), m.text("koji_instance") or "primary")

    def long(self, m: MessageReader) -> str:
        return labelled(
            Package=m.text("name"),
            Collection=collection_of(m),
            Before=m.text("old"),
            Now=m.text("new"),
            Groups=", ".join(m.texts("groups")),
        )


class PackageAdded(PackageState):
    """Koschei began to watch a package."""

    rule = "koschei_package_added"
    title = "Package added"
    summary_template = "Koschei began to watch {package} in {collection}{where}"
    group_summary_template = "Koschei began to watch {package:packages} in {collection:collections}{where}"
    example = sample(**PACKAGE, old="ignored", new="ok")

    def matches(self, m: MessageReader) -> bool:
        return m.text("new") == "ok" and m.text("old") == "ignored"


class PackageFixed(PackageState):
    """A package can be built again."""

    rule = "koschei_package_ok"
    title = "Package builds again"
    summary_template = "Builds of {package} in {collection} succeed again{where}"
    group_summary_template = "Builds of {package:packages} in {collection:collections} succeed again{where}"
    example = sample(**PACKAGE, old="failing", new="ok")
    state = "ok"
    default_outcome = Outcome.SUCCEEDED


class PackageFailing(PackageState):
    """A package can't be built any more."""

    rule = "koschei_package_failing"
    title = "Package fails to build"
    summary_template = "Builds of {package} in {collection} began to fail{where}"
    group_summary_template = "Builds of {package:packages} in {collection:collections} began to fail{where}"
    severity = Severity.ERROR
    count_noun = "failing package"
    example = sample(**PACKAGE, old="ok", new="failing")
    state = "failing"
    default_outcome = Outcome.FAILED


class PackageUnresolved(PackageState):
    """What a package needs for being built isn't there any more."""

    rule = "koschei_package_unresolved"
    title = "Dependencies missing"
    summary_template = "Dependencies of {package} in {collection} are missing{where}"
    group_summary_template = (
        "Dependencies of {package:packages} in {collection:collections} are "
        "missing{where}")
    severity = Severity.ERROR
    count_noun = "unresolved package"
    example = sample(**PACKAGE, old="ok", new="unresolved")
    state = "unresolved"
    default_outcome = Outcome.FAILED


class PackageIgnored(PackageState):
    """Koschei no longer watches a package."""

    rule = "koschei_package_ignored"
    title = "Package ignored"
    summary_template = "Koschei no longer watches {package} in {collection}{where}"
    group_summary_template = "Koschei no longer watches {package:packages} in {collection:collections}{where}"
    example = sample(**PACKAGE, old="ok", new="ignored")
    state = "ignored"


class CollectionState(Koschei):
    """A collection of packages got into some other state."""

    topics = ("koschei.collection.state.change",)
    rule = "koschei_collection_other_state"
    title = "Collection in another state"
    summary_template = "The state of {collection} changed{new}{where}"
    example = sample(
        collection="f44", collection_name="Fedora 44", koji_instance="primary", repo_id="56001",
        old="ok", new="unknown",
    )

    def link(self, m: MessageReader) -> str:
        return page(KOSCHEI, "collection", m.text("collection"))

    def subject(self, m: MessageReader) -> Sequence[str]:
        return ("collection", collection_of(m), m.text("koji_instance") or "primary")


class CollectionAdded(CollectionState):
    """Koschei began to watch a collection of packages."""

    rule = "koschei_collection_added"
    title = "Collection added"
    summary_template = "Koschei began to watch {collection}{where}"
    example = sample(**{**CollectionState.example, "old": "unknown", "new": "ok"})

    def matches(self, m: MessageReader) -> bool:
        return m.text("new") == "ok" and m.text("old") == "unknown"


class CollectionFixed(CollectionState):
    """Packages of a collection can be built again."""

    rule = "koschei_collection_ok"
    title = "Collection fixed"
    summary_template = "The buildroot of {collection} was fixed{where}"
    example = sample(**{**CollectionState.example, "old": "unresolved", "new": "ok"})
    state = "ok"
    default_outcome = Outcome.SUCCEEDED


class CollectionBroken(CollectionState):
    """No package of a collection can be built."""

    rule = "koschei_collection_unresolved"
    title = "Collection broken"
    summary_template = "The buildroot of {collection} is broken{where}"
    severity = Severity.ERROR
    count_noun = "broken buildroot"
    example = sample(**{**CollectionState.example, "new": "unresolved"})
    state = "unresolved"
    default_outcome = Outcome.FAILED


def concerns_group(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message is about a package in one of the groups."""
    if facts.message.category != "koschei":
        return False
    return not set(split_list(arguments.get("group", ""))).isdisjoint(facts.reader.texts("groups"))


PACKAGE_STATES = (
    PackageAdded, PackageFixed, PackageFailing, PackageUnresolved, PackageIgnored, PackageState,
)

APPLICATION = Application(
    category="koschei",
    title="Koschei",
    help="Packages that begin or cease to fail when they're built again.",
    icon="https://fedoraproject.org/w/uploads/e/e9/Koschei.png",
    other=Koschei,
    events=(*PACKAGE_STATES, CollectionAdded, CollectionFixed, CollectionBroken, CollectionState),
    rules=(
        ApplicationRule(
            name="koschei_package_state_change",
            title="Package changed its state",
            help="A package began or ceased to fail, or to be watched.",
            any_of=frozenset(event.rule_name() for event in PACKAGE_STATES),
        ),
        ApplicationRule(
            name="koschei_group",
            title="Package in a group",
            help="The package is in this group of Koschei's.",
            arguments=(Argument("group", "Group", SEVERAL, "perl"),),
            holds=concerns_group,
        ),
    ),
)
