"""The new hotness, which files bugs for new upstream versions, and follows up on them.

Each message holds the one that triggered it: Anitya's, of a new version or mapping; Koji's, of a build; or
the package database's, of a new package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.builds import build_name, build_of_file
from fmn.catalog.events import Application, EventType, Package, Severity, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.upstream import PROJECT, details, packages_of, project_name, project_of, project_page
from fmn.catalog.urls import page
from fmn.text import join_series, labelled, quoted

BUGZILLA = "https://bugzilla.redhat.com"
#: Where the staging instance files its bugs.
PARTNER_BUGZILLA = "https://partner-bugzilla.redhat.com"

ICONS = "https://apps.fedoraproject.org/packages/images/icons"

#: The account that the hotness itself builds with.
ITSELF = "hotness"

#: What became of a scratch build, by the state of its task.
SCRATCH_STATES = {"CLOSED": "completed", "FAILED": "failed", "CANCELLED": "was cancelled"}

#: Why a new version didn't lead to a bug.
DROPPED = {
    "anitya": "no Fedora package is mapped to it",
    "rawhide": "found no such package in Rawhide",
    "pkgdb": "its maintainers don't want to be told",
    "bugzilla": "couldn't file a bug or update one",
}


def trigger(m: MessageReader) -> JsonNode:
    """The body of the message that made the hotness act."""
    return m.at("trigger", "msg")


def package_record(body: JsonNode) -> JsonNode:
    """What the package database says of a package, be it new or changed."""
    listed = body.at("package_listing", "package")
    return listed if listed.keys() else body.at("package")


class Hotness(EventType):
    """Anything from the new hotness."""

    def agent(self, m: MessageReader) -> str | None:
        return None

    def packages(self, m: MessageReader) -> Iterable[Package]:
        body = trigger(m)
        if name := m.text("package") or package_record(body).text("name"):
            return (Package("", name),)
        return packages_of(body)

    def secondary_icon(self, m: MessageReader) -> str:
        name = next((package.name for package in self.packages(m) if package.name), "")
        return f"{ICONS}/{quote(name, safe='', errors='replace')}.png" if name else self.application.icon

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        body, bug = trigger(m), m.text("bug", "bug_id")
        versions = details(body).texts("upstream_versions") or [details(body).text("upstream_version")]
        return {
            "package": join_series(package.name for package in self.packages(m)) or "a package",
            "bug": f"the bug #{bug}" if bug else "a bug",
            "version": join_series(versions) or project_of(body).text("version") or "a new version",
        }


class Bug(Hotness):
    """The hotness had to do with a bug."""

    def link(self, m: MessageReader) -> str:
        root = PARTNER_BUGZILLA if m.environment == "stg" else BUGZILLA
        return page(root, "show_bug.cgi", id=m.text("bug", "bug_id"))


class BugFile(Bug):
    """A bug was filed, or updated, because there's a new version of a package."""

    topics = ("hotness.update.bug.file",)
    rule = "hotness_bug_file"
    title = "Bug filed for a new version"
    summary_template = "The new hotness filed {bug} on {package}: {version} is available"
    group_summary_template = "The new hotness filed bugs about new versions of {package:packages}"
    example = sample(bug={"bug_id": 2345678}, package="moss", trigger={
        "topic": "org.release-monitoring.prod.anitya.project.version.update",
        "msg": {"project": PROJECT, "message": {
            "agent": "anitya", "old_version": "2.3", "upstream_version": "2.4",
            "packages": [{"distro": "Fedora", "package_name": "moss"}],
        }},
    })

    def long(self, m: MessageReader) -> str:
        body = trigger(m)
        return labelled(
            Project=project_name(body),
            Homepage=project_of(body).text("homepage"),
            Old_version=details(body).text("old_version"),
            New_version=details(body).text("upstream_version"),
        )


class BugFollowup(Bug):
    """A build led to a comment on a bug about a new version."""

    topics = ("hotness.update.bug.followup",)
    rule = "hotness_bug_followup"
    title = "Followed up on a bug"
    summary_template = "The new hotness followed up on {bug}: {built}"
    group_summary_template = "The new hotness followed up on {bug:bugs}"
    example = sample(bug={"bug_id": 2345678}, trigger={
        "topic": "org.fedoraproject.prod.buildsys.build.state.change",
        "msg": {"name": "moss", "version": "2.4", "release": "1.fc45", "new": 1, "old": 0, "owner": "mary",
                "build_id": 2101, "instance": "primary", "attribute": "state"},
    })

    def agent(self, m: MessageReader) -> str | None:
        """Who built; what the hotness built itself is nobody's doing."""
        builder = person(trigger(m), "owner")
        return builder if builder and builder != ITSELF else None

    def packages(self, m: MessageReader) -> Iterable[Package]:
        """The package that was built; a scratch build doesn't concern it yet."""
        return (Package("", trigger(m).text("name")),)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "built": self._built(trigger(m))}

    def _built(self, body: JsonNode) -> str:
        if build := build_name(body):
            return f"{build} was built"
        scratch = build_of_file(body.text("srpm"))
        of_what = f" of {scratch}" if scratch else ""
        return f"the scratch build{of_what} {SCRATCH_STATES.get(body.text('new'), 'made progress')}"


class UpdateDrop(Hotness):
    """A new version was found, but didn't lead to a bug."""

    topics = ("hotness.update.drop",)
    rule = "hotness_update_drop"
    title = "New version ignored"
    summary_template = "The new hotness saw {version} of {project}, but {reason}"
    group_summary_template = "The new hotness ignored new versions of {project:projects}"
    severity = Severity.DEBUG
    example = sample(reason="anitya", trigger={
        "topic": "org.release-monitoring.prod.anitya.project.version.update",
        "msg": {"project": PROJECT, "message": {
            "agent": "anitya", "old_version": "2.3", "upstream_version": "2.4", "packages": []}},
    })

    def link(self, m: MessageReader) -> str:
        return project_page(project_of(trigger(m)))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        reason = m.text("reason")
        return {
            **super().template_values(m),
            "project": project_name(trigger(m)) or "a project",
            "reason": DROPPED.get(reason) or f"dropped it{f': {quoted(reason)}' if quoted(reason) else ''}",
        }


class ProjectMap(Hotness):
    """A package was mapped to its upstream project, or couldn't be."""

    topics = ("hotness.project.map",)
    title = "Package mapped to its project"
    example = sample(success=True, project=PROJECT, reason=None, trigger={
        "topic": "org.fedoraproject.prod.pkgdb.package.new",
        "msg": {"agent": "mary", "package_name": "moss", "package_listing": {"package": {
            "name": "moss", "upstream_url": "https://moss.example.org",
            "review_url": "https://bugzilla.redhat.com/2345678"}}},
    })
    retired = True

    def link(self, m: MessageReader) -> str:
        """The project if there's one; else the review of a new package, or where a known one comes from."""
        if m.keys("project"):
            return project_page(m.at("project"))
        package, is_new = package_record(trigger(m)), trigger(m).has("package_listing")
        review, upstream = package.text("review_url"), package.text("upstream_url")
        return (review or upstream) if is_new else (upstream or review)

    def summary(self, m: MessageReader) -> str:
        package = self.template_values(m)["package"]
        if m.flag("success"):
            return f"The new hotness mapped {package} to its upstream project"
        return f"The new hotness couldn't map {package} to its upstream project{self._why(m)}"

    def _why(self, m: MessageReader) -> str:
        if reason := quoted(m.text("reason")):
            return f": {reason}"
        total = m.number("total")
        return f": {total} projects look like it" if total else ""


APPLICATION = Application(
    category="hotness",
    title="The new hotness",
    help="Bugs filed for new upstream versions, and what followed.",
    icon="https://apps.fedoraproject.org/packages/images/icons/package_128x128.png",
    other=Hotness,
    events=(BugFile, BugFollowup, UpdateDrop, ProjectMap),
)
