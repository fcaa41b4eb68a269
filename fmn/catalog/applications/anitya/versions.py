"""Versions of projects: what Anitya is there for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fmn.catalog.applications.anitya.base import MAPPING, Project
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.upstream import PROJECT, details, project_of
from fmn.text import join_series


class NewVersion(Project):
    """Anitya found one or several new versions of a project, which need not be the latest.

    It publishes a new latest version under both topics, any other under the second alone.
    """

    topics = ("anitya.project.version.update.v2", "anitya.project.version.update")
    rule = "anitya_new_update"
    title = "New version"
    summary_template = "Anitya found {thing} of {project}{versions}{before}"
    group_summary_template = "Anitya found new versions of {project:projects}"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "anitya", "old_version": "2.3", "upstream_versions": ["2.4", "2.3.1"],
        "packages": [MAPPING], "project": PROJECT,
        "versions": ["2.4", "2.3.1", "2.3"], "stable_versions": ["2.4", "2.3.1", "2.3"],
    })

    def agent(self, m: MessageReader) -> str | None:
        return super().agent(m) or "anitya"

    def versions(self, m: MessageReader) -> list[str]:
        """The versions that were found."""
        return details(m).texts("upstream_versions") or [
            version for version in [details(m).text("upstream_version")] if version]

    def duplicate_key(self, m: MessageReader) -> Sequence[str]:
        return "version.update", project_of(m).text("id"), project_of(m).text("version")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        versions, before = self.versions(m), details(m).text("old_version")
        odd = details(m).flag("odd_change")
        return {
            **super().template_values(m),
            "thing": "an odd version" if odd else "new versions" if len(versions) > 1 else "a new version",
            "versions": f": {join_series(versions)}" if versions else "",
            "before": f" (after {before})" if before else "",
        }


class VersionRemove(Project):
    """Somebody removed versions of a project that Anitya had found by mistake."""

    topics = ("anitya.project.version.remove", "anitya.project.version.remove.v2")
    title = "Version removed"
    summary_template = "{who} removed {versions} of {project}"
    group_summary_template = "{who:people} removed versions of {project:projects}"
    severity = Severity.WARNING
    example = sample(
        distro=None, project=PROJECT, message={"agent": "mary", "project": "moss", "version": "2.5"})

    def versions(self, m: MessageReader) -> list[str]:
        """The versions that were removed."""
        return details(m).texts("versions") or [details(m).text("version")]

    def duplicate_key(self, m: MessageReader) -> Sequence[str]:
        return "version.remove", project_of(m).text("id"), *sorted(self.versions(m))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        versions = self.versions(m)
        thing = "the versions" if len(versions) > 1 else "the version"
        return {
            **super().template_values(m), "versions": f"{thing} {join_series(versions) or 'of some number'}"}


EVENTS = (NewVersion, VersionRemove)
