"""Versions of projects: what Anitya is there for."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.anitya.base import MAPPING, Project
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.upstream import PROJECT, details
from fmn.text import join_series


class NewVersion(Project):
    """Anitya found a new version of a project."""

    topics = ("anitya.project.version.update",)
    rule = "anitya_new_update"
    title = "New version"
    summary_template = "Anitya found {thing} of {project}{versions}{before}"
    group_summary_template = "Anitya found new versions of {project:projects}"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "anitya", "old_version": "2.3", "upstream_version": "2.4", "odd_change": False,
        "packages": [MAPPING], "project": PROJECT, "versions": ["2.4", "2.3"],
    })

    def agent(self, m: MessageReader) -> str | None:
        return super().agent(m) or "anitya"

    def versions(self, m: MessageReader) -> list[str]:
        """The versions that were found."""
        version = details(m).text("upstream_version")
        return [version] if version else []

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        versions, before = self.versions(m), details(m).text("old_version")
        odd = details(m).flag("odd_change")
        return {
            **super().template_values(m),
            "thing": "an odd version" if odd else "new versions" if len(versions) > 1 else "a new version",
            "versions": f": {join_series(versions)}" if versions else "",
            "before": f" (after {before})" if before else "",
        }


class NewVersions(NewVersion):
    """Anitya found one or several new versions of a project, which need not be the latest."""

    topics = ("anitya.project.version.update.v2",)
    rule = "anitya_new_update_v2"
    title = "New versions"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "anitya", "old_version": "2.3", "upstream_versions": ["2.3.1", "2.4"],
        "packages": [MAPPING], "project": PROJECT,
        "versions": ["2.4", "2.3.1", "2.3"], "stable_versions": ["2.4", "2.3.1", "2.3"],
    })

    def versions(self, m: MessageReader) -> list[str]:
        return details(m).texts("upstream_versions") or super().versions(m)


class VersionRemove(Project):
    """Somebody removed versions of a project that Anitya had found by mistake."""

    topics = ("anitya.project.version.remove", "anitya.project.version.remove.v2")
    title = "Version removed"
    summary_template = "{who} removed {versions} of {project}"
    group_summary_template = "{who:people} removed versions of {project:projects}"
    severity = Severity.WARNING
    example = sample(
        distro=None, project=PROJECT, message={"agent": "mary", "project": "moss", "version": "2.5"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        happened = details(m)
        versions = happened.texts("versions") or [happened.text("version")]
        thing = "the versions" if len(versions) > 1 else "the version"
        return {
            **super().template_values(m), "versions": f"{thing} {join_series(versions) or 'of some number'}"}


EVENTS = (NewVersion, NewVersions, VersionRemove)
