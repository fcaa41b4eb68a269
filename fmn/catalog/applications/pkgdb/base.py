"""What the package database's messages have in common, in the shapes of both its generations.

The first named a package by a listing, which is a package in a collection (a branch of a distribution), or
by its bare name. The second has the package as an object of its own more often, with a namespace later on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import EventType, Package
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import join_series, labelled

PKGDB = "https://admin.fedoraproject.org/pkgdb"

#: Where packages are that a message names without a namespace: once there was no other.
DEFAULT_NAMESPACE = "rpms"

#: What stands for an owner where there's none.
ORPHAN = "orphan"

#: Where packages are in a body, as objects with a name.
PACKAGE_PATHS = (
    ("package_listing", "package"), ("package",), ("package_listings", 0, "package"),
    ("acl", "packagelist", "package"), ("action", "package"),
)

#: Where branches are in a body, as objects with a branch name.
COLLECTION_PATHS = (
    ("package_listing", "collection"), ("acl", "packagelist", "collection"), ("action", "collection"),
    ("collection_to",), ("collection",),
)


class PkgDB(EventType):
    """Anything from the package database."""

    owners_by_namespace = True

    def agent(self, m: MessageReader) -> str | None:
        return account(m, "agent") or account(m, "agent", 0) or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), *self.others(m))

    def others(self, m: MessageReader) -> Iterator[str]:
        """Who's concerned besides the agent."""
        yield account(m, "username")
        yield account(m, "previous_owner")
        yield account(m, "acl", "fas_name")
        yield account(m, "action", "user")

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (package_of(m),)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        package, branch = package_of(m), branch_of(m)
        return {
            **super().template_values(m),
            "package": str(package) if package.name else "a package",
            "branch": branch or "of some name",
            "in_branch": f" ({branch})" if branch else "",
            "user": next(filter(None, self.others(m)), "somebody"),
        }


class WithPage(PkgDB):
    """Something happened to a package that has a page afterwards."""

    def link(self, m: MessageReader) -> str:
        namespace, name = package_of(m)
        return page(PKGDB, "package", namespace, name) + "/" if name else PKGDB


def account(m: MessageReader, *path: str | int) -> str:
    """The account at ``path``: packages without an owner have none, and groups own packages too."""
    name = person(m, *path)
    return "" if name == ORPHAN or name.startswith("group::") else name


def record_of(m: MessageReader) -> JsonNode:
    """What the package database knows of the package that a message is about."""
    return next((m.at(*path) for path in PACKAGE_PATHS if m.text(*path, "name")), JsonNode(None))


def requested(m: MessageReader) -> JsonNode:
    """What's to be known of a package that somebody asked for."""
    return m.at("info") if m.keys("info") else m.at("action", "info")


def package_of(m: MessageReader) -> Package:
    """The package that a message is about."""
    record, asked = record_of(m), requested(m)
    name = record.text("name") or m.text("package_name") or m.text("package") or asked.text("pkg_name")
    namespace = record.text("namespace") or asked.text("pkg_namespace") or m.text("namespace")
    return Package(namespace or DEFAULT_NAMESPACE, name)


def branch_of(m: MessageReader) -> str:
    """The branch that a message is about; of several, as part of a sentence."""
    found = next((m.text(*path, "branchname") for path in COLLECTION_PATHS if m.keys(*path)), "")
    listed = (listing.text("collection", "branchname") for listing in m.nodes("package_listings"))
    return found or join_series(listed) or join_series(m.texts("branches")) or requested(m).text(
        "pkg_collection")


def about_package(m: MessageReader) -> str:
    """A package in full, as far as the message has it."""
    record, asked = record_of(m), requested(m)
    return labelled(
        Summary=record.text("summary") or asked.text("pkg_summary"),
        Upstream=record.text("upstream_url") or record.text("upstreamurl") or asked.text("pkg_upstream_url"),
        Review=record.text("review_url") or record.text("reviewurl") or asked.text("pkg_review_url"),
        Owner=m.text("package_listing", "point_of_contact") or m.text("package_listing", "owner"),
    )


def switched(m: MessageReader, *path: str | int) -> str:
    """A setting as a word: ``on``, ``off``, or what else it may be set to."""
    return m.text(*path) or ("on" if m.flag(*path) else "off")


#: Made up for examples.
COLLECTION: dict[str, Any] = {
    "name": "Fedora", "version": "24", "branchname": "f24", "koji_name": "f24", "dist_tag": ".fc24",
    "status": "Active",
}
PACKAGE: dict[str, Any] = {
    "name": "moss", "namespace": "rpms", "summary": "Grows on the north side of trees", "acls": [],
    "description": "Moss for all forests.", "upstream_url": "https://moss.example.org", "status": "Approved",
    "review_url": "https://bugzilla.redhat.com/1234567", "monitor": True, "creation_date": 1408950057.0,
}
LISTING: dict[str, Any] = {
    "collection": COLLECTION, "package": PACKAGE, "critpath": False, "point_of_contact": "mary",
    "status": "Approved", "status_change": 1408950057.0,
}
