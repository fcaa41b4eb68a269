"""Permissions: who may commit to a package, approve others, or watch it."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.pkgdb.base import LISTING, PkgDB, WithPage
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader


class AclUpdate(WithPage):
    """Somebody's permission for a package changed."""

    topics = ("pkgdb.acl.update",)
    rule = "pkgdb_acl_update"
    title = "Permission changed"
    summary_template = "{who} changed {whose} {acl} permission for {package}{in_branch}{change}"
    group_summary_template = "{who:people} changed permissions for {package:packages}{in_branch}"
    example = sample(
        agent="mary", username="sam", acl="commit", previous_status="Awaiting Review", status="Approved",
        package_name="moss", package_listing=LISTING,
    )

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words = super().template_values(m)
        before, after = m.text("previous_status"), m.text("status")
        change = f"{f' from {before}' if before else ''}{f' to {after}' if after else ''}"
        return {
            **words,
            "whose": "their own" if words["user"] == words["who"] else f"{words['user']}'s",
            "acl": m.text("acl") or "some",
            "change": change,
        }


class AclRequestToggle(WithPage):
    """Somebody asked for a permission for a package, or no longer does."""

    topics = ("pkgdb.acl.request.toggle",)
    title = "Permission requested"
    summary_template = "{who} {action} the {acl} permission for {package}{in_branch}{status}"
    group_summary_template = "{who:people} {action:alike} permissions for {package:packages}{in_branch}"
    example = sample(
        agent="sam", acl="commit", acl_action="requested", acl_status="Awaiting Review",
        package_listing=LISTING)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        status = m.text("acl_status")
        return {
            **super().template_values(m),
            "action": m.text("acl_action") or "changed their request for",
            "acl": m.text("acl") or "some",
            "status": f": {status}" if status else "",
        }


class AclUserRemove(WithPage):
    """Somebody lost all permissions for a package."""

    topics = ("pkgdb.acl.user.remove",)
    title = "Permissions removed"
    summary_template = "{who} removed {user} from {package}{in_branch}"
    group_summary_template = "{who:people} removed {user:people} from {package:packages}{in_branch}"
    severity = Severity.WARNING
    example = sample(agent="mary", username="sam", collections=[], package_listings=[LISTING])


class AclDelete(PkgDB):
    """Somebody's permission for a package was deleted."""

    topics = ("pkgdb.acl.delete",)
    rule = "pkgdb_acl_delete"
    title = "Permission deleted"
    summary_template = "{who} deleted {user}'s {acl} permission for {package}{in_branch}"
    group_summary_template = (
        "{who:people} deleted permissions of {user:people} for "
        "{package:packages}{in_branch}")
    severity = Severity.WARNING
    example = sample(agent="ann", acl={
        "acl": "commit", "fas_name": "sam", "status": "Approved", "packagelist": LISTING})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "acl": m.text("acl", "acl") or "some"}


EVENTS = (AclUpdate, AclRequestToggle, AclUserRemove, AclDelete)
