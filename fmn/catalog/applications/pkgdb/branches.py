"""Branches: of packages, and the collections that they're in; and what people ask administrators for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.applications.pkgdb.base import (
    COLLECTION,
    LISTING,
    PACKAGE,
    PkgDB,
    WithPage,
    about_package,
)
from fmn.catalog.events import Package, Severity, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import join_series, labelled, paragraphs


def collection_name(collection: JsonNode) -> str:
    """A collection as part of a sentence: ``Fedora 24``."""
    return " ".join(filter(None, (collection.text("name"), collection.text("version"))))


class PackageBranchNew(WithPage):
    """A package got a branch."""

    topics = ("pkgdb.package.branch.new",)
    rule = "pkgdb_package_branch_new"
    title = "New branch of a package"
    summary_template = "{who} added the branch {branch} of {package}"
    group_summary_template = "{who:people} added branches of {package:packages}{in_branch}"
    example = sample(agent="ann", package=PACKAGE, package_listing=LISTING)


class PackageBranchDelete(PkgDB):
    """A branch of a package was deleted."""

    topics = ("pkgdb.package.branch.delete",)
    rule = "pkgdb_package_branch_delete"
    title = "Branch of a package deleted"
    summary_template = "{who} deleted the branch {branch} of {package}"
    group_summary_template = "{who:people} deleted branches of {package:packages}{in_branch}"
    severity = Severity.WARNING
    example = sample(agent="ann", package_listing=LISTING)


class BranchClone(WithPage):
    """A package got a branch with the permissions of another one."""

    topics = ("pkgdb.branch.clone",)
    title = "Branch of a package cloned"
    summary_template = "{who} cloned the branch {branch} of {package}{master}"
    group_summary_template = "{who:people} cloned branches of {package:packages}"
    example = sample(agent="mary", package="moss", branch="f24", master="devel")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, master = super().template_values(m), m.text("master")
        return {
            **words,
            "branch": m.text("branch") or words["branch"],
            "master": f" from {master}" if master else "",
        }


class Collections(PkgDB):
    """Something happened to a collection: to a branch of the distribution."""

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return ()

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        before, after = (collection_name(m.at(key)) for key in ("collection_from", "collection_to"))
        name = collection_name(m.at("collection"))
        return {
            **super().template_values(m),
            "collection": f"the collection {name}" if name else "a collection",
            "from": before or "a collection",
            "to": after or "another one",
        }


class BranchStart(Collections):
    """All packages of a collection are being branched."""

    topics = ("pkgdb.branch.start",)
    rule = "pkgdb_branch_start"
    title = "Branching started"
    summary_template = "{who} started to branch all packages from {from} to {to}"
    severity = Severity.WARNING
    example = sample(
        agent="ann", collection_from={**COLLECTION, "branchname": "master", "version": "devel"},
        collection_to=COLLECTION)


class BranchComplete(Collections):
    """All packages of a collection have been branched."""

    topics = ("pkgdb.branch.complete",)
    rule = "pkgdb_branch_complete"
    title = "Branching complete"
    summary_template = "{who} finished branching all packages from {from} to {to}"
    example = sample(
        agent="ann", unbranched=["fern"], collection_to=COLLECTION,
        collection_from={**COLLECTION, "branchname": "master", "version": "devel"})

    def long(self, m: MessageReader) -> str:
        return labelled(Not_branched=", ".join(m.texts("unbranched")))


class CollectionNew(Collections):
    """Somebody made a collection."""

    topics = ("pkgdb.collection.new",)
    rule = "pkgdb_collection_new"
    title = "New collection"
    summary_template = "{who} made {collection}"
    example = sample(agent="ann", collection=COLLECTION)


class CollectionUpdate(Collections):
    """Somebody changed a collection."""

    topics = ("pkgdb.collection.update",)
    rule = "pkgdb_collection_update"
    title = "Collection changed"
    summary_template = "{who} changed {fields} of {collection}"
    example = sample(agent="ann", collection={**COLLECTION, "status": "EOL"}, fields=["status"])

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        fields = join_series(f"the {field.replace('_', ' ')}" for field in m.texts("fields"))
        return {**super().template_values(m), "fields": fields or "something"}


class PackageBranchRequest(WithPage):
    """Somebody asked for a branch of a package."""

    topics = ("pkgdb.package.branch.request",)
    rule = "pkgdb_package_branch_request"
    title = "Branch of a package requested"
    summary_template = "{who} asked for the branch {branch} of {package}"
    group_summary_template = "{who:people} asked for branches of {package:packages}{in_branch}"
    example = sample(agent="mary", package=PACKAGE, collection_to=COLLECTION)


class PackageNewRequest(PkgDB):
    """Somebody asked for a new package."""

    topics = ("pkgdb.package.new.request",)
    rule = "pkgdb_package_new_request"
    title = "New package requested"
    summary_template = "{who} asked for the new package {package}{in_branch}"
    group_summary_template = "{who:people} asked for {package:packages}{in_branch}"
    example = sample(agent="mary", package=None, info={
        "pkg_name": "moss", "pkg_summary": "Grows on the north side of trees", "pkg_collection": "f24",
        "pkg_poc": "mary", "pkg_review_url": "https://bugzilla.redhat.com/1234567",
    })

    def long(self, m: MessageReader) -> str:
        return about_package(m)


class PackageUnretireRequest(PkgDB):
    """Somebody asked for a retired package to be revived."""

    topics = ("pkgdb.package.unretire.request",)
    title = "Unretirement of a package requested"
    summary_template = "{who} asked to revive {package}{in_branch}"
    group_summary_template = "{who:people} asked to revive {package:packages}{in_branch}"
    example = sample(agent="mary", package=PACKAGE, collection=COLLECTION)


#: What was asked for, by the kind of request.
REQUESTS = {
    "request.package": "the new package {package}",
    "request.branch": "the branch {branch} of {package}",
    "request.unretire": "the revival of {package}",
}


class AdminActionStatusUpdate(WithPage):
    """An administrator answered a request."""

    topics = ("pkgdb.admin.action.status.update",)
    rule = "pkgdb_admin_action_status_update"
    title = "Request answered"
    summary_template = "{who} changed the request of {user} for {request}{change}"
    group_summary_template = "{who:people} changed requests for {package:packages}{change}"
    example = sample(agent="ann", old_status="Awaiting Review", new_status="Denied", action={
        "action": "request.branch", "collection": COLLECTION, "package": PACKAGE, "info": {}, "id": 18,
        "status": "Denied", "user": "mary", "message": "Moss doesn't grow there."})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, before, after = super().template_values(m), m.text("old_status"), m.text("new_status")
        request = REQUESTS.get(m.text("action", "action"), "{package}").format_map(words)
        change = f"{f' from {before}' if before else ''}{f' to {after}' if after else ''}"
        return {**words, "request": request, "change": change}

    def long(self, m: MessageReader) -> str:
        return paragraphs(m.text("action", "message"), about_package(m))


EVENTS = (
    PackageBranchNew,
    PackageBranchDelete,
    BranchClone,
    BranchStart,
    BranchComplete,
    CollectionNew,
    CollectionUpdate,
    PackageBranchRequest,
    PackageNewRequest,
    PackageUnretireRequest,
    AdminActionStatusUpdate,
)
