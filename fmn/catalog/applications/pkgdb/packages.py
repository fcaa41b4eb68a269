"""Packages: added, changed, given away, retired, deleted."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.pkgdb.base import (
    LISTING,
    ORPHAN,
    PACKAGE,
    PkgDB,
    WithPage,
    about_package,
    switched,
)
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import join_series, labelled


class PackageNew(WithPage):
    """Somebody added a package."""

    topics = ("pkgdb.package.new",)
    rule = "pkgdb_package_new"
    title = "New package"
    summary_template = "{who} added the package {package}{in_branch}"
    group_summary_template = "{who:people} added {package:packages}{in_branch}"
    example = sample(agent="ann", package_name="moss", package_listing=LISTING)

    def long(self, m: MessageReader) -> str:
        return about_package(m)


class PackageUpdate(WithPage):
    """Somebody changed what the package database knows of a package."""

    topics = ("pkgdb.package.update",)
    rule = "pkgdb_package_update"
    title = "Package changed"
    summary_template = "{who} changed {fields} of {package}"
    group_summary_template = "{who:people} changed {fields:alike} of {package:packages}"
    example = sample(agent="mary", package=PACKAGE, fields=["upstream_url"])

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        fields = join_series(f"the {field.replace('_', ' ')}" for field in m.texts("fields"))
        return {**super().template_values(m), "fields": fields or "something"}

    def long(self, m: MessageReader) -> str:
        return about_package(m)


class PackageUpdateStatus(WithPage):
    """A package was orphaned, retired or revived in a branch."""

    topics = ("pkgdb.package.update.status",)
    rule = "pkgdb_package_update_status"
    title = "Package status changed"
    summary_template = "{who} changed the status of {package}{in_branch}{change}"
    group_summary_template = "{who:people} changed the status of {package:packages}{in_branch}{change}"
    severity = Severity.WARNING
    example = sample(
        agent="mary", package_name="moss", prev_status="Approved", status="Orphaned", package_listing=LISTING)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        before, after = m.text("prev_status"), m.text("status")
        change = f"{f' from {before}' if before else ''}{f' to {after}' if after else ''}"
        return {**super().template_values(m), "change": change}


class PackageRetire(WithPage):
    """A package was retired in a branch, or revived."""

    topics = ("pkgdb.package.retire",)
    title = "Package retired"
    summary_template = "{who} {retired} {package}{in_branch}"
    group_summary_template = "{who:people} {retired:alike} {package:packages}{in_branch}"
    severity = Severity.WARNING
    example = sample(agent="mary", retirement="retired", package_listing=LISTING)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "retired": m.text("retirement") or "retired"}


class PackageDelete(PkgDB):
    """A package was deleted from the package database."""

    topics = ("pkgdb.package.delete",)
    rule = "pkgdb_package_delete"
    title = "Package deleted"
    summary_template = "{who} deleted the package {package}"
    group_summary_template = "{who:people} deleted {package:packages}"
    severity = Severity.WARNING
    example = sample(agent="ann", package=PACKAGE)


class OwnerUpdate(WithPage):
    """Somebody else became responsible for a package in a branch, or nobody."""

    topics = ("pkgdb.owner.update",)
    rule = "pkgdb_owner_update"
    title = "New owner of a package"
    summary_template = "{who} gave {package}{in_branch} to {owner}{before}"
    group_summary_template = "{who:people} {gave:alike} {package:packages}{in_branch}"
    severity = Severity.WARNING
    example = sample(
        agent="mary", username="sam", previous_owner="mary", package_name="moss", package_listing=LISTING)

    def owner(self, m: MessageReader) -> str:
        """Who's responsible now, as the message has it: an account, a group or nobody."""
        listing = m.at("package_listing")
        return m.text("username") or listing.text("point_of_contact") or listing.text("owner")

    def summary(self, m: MessageReader) -> str:
        if self.owner(m) == ORPHAN:
            return "{who} orphaned {package}{in_branch}".format_map(self.template_values(m))
        return super().summary(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        before = m.text("previous_owner")
        return {
            **super().template_values(m),
            "gave": "orphaned" if self.owner(m) == ORPHAN else "gave away",
            "owner": self.owner(m).removeprefix("group::") or "somebody",
            "before": f" (before: {before.removeprefix('group::')})" if before else "",
        }


class PackageCritpathUpdate(PkgDB):
    """A package became one that every system needs to start, or is none any more."""

    topics = ("pkgdb.package.critpath.update",)
    rule = "pkgdb_package_critpath_update"
    title = "Critical path changed"
    summary_template = "{who} turned the critical path flag of {package}{in_branch} {switch}"
    group_summary_template = (
        "{who:people} turned the critical path flag of "
        "{package:packages}{in_branch} {switch:alike}")
    example = sample(agent="ann", package=PACKAGE, critpath=True, branches=["f24", "master"])

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "switch": switched(m, "critpath")}


class CritpathUpdate(PkgDB):
    """Some packages became ones that every system needs to start, or are none any more."""

    topics = ("pkgdb.critpath.update",)
    title = "Critical path changed (several packages)"
    summary_template = "{who} turned the critical path flag of some packages {switch}"
    example = sample(agent="ann", critpath=True, package_listing_ids=[101, 102])

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "switch": switched(m, "critpath")}

    def long(self, m: MessageReader) -> str:
        return labelled(Listings=", ".join(node.text() for node in m.nodes("package_listing_ids")))


class Watching(PkgDB):
    """A service was told to watch a package, or to leave it alone."""

    example = sample(agent="mary", package=PACKAGE, status=True)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "switch": switched(m, "status")}


class MonitorUpdate(Watching):
    """Somebody turned the search for new upstream versions of a package on or off."""

    topics = ("pkgdb.package.monitor.update",)
    rule = "pkgdb_package_monitor_update"
    title = "Upstream monitoring changed"
    summary_template = "{who} set the upstream monitoring of {package} to {switch}"
    group_summary_template = (
        "{who:people} set the upstream monitoring of {package:packages} to "
        "{switch:alike}")


class KoscheiUpdate(Watching):
    """Somebody turned the regular rebuilds of a package by Koschei on or off."""

    topics = ("pkgdb.package.koschei.update",)
    title = "Rebuilds by Koschei changed"
    summary_template = "{who} set the rebuilds of {package} by Koschei to {switch}"
    group_summary_template = (
        "{who:people} set the rebuilds of {package:packages} by Koschei to "
        "{switch:alike}")


EVENTS = (
    PackageNew,
    PackageUpdate,
    PackageUpdateStatus,
    PackageRetire,
    PackageDelete,
    OwnerUpdate,
    PackageCritpathUpdate,
    CritpathUpdate,
    MonitorUpdate,
    KoscheiUpdate,
)
