"""Projects: added, changed, flagged, removed."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.anitya.base import MAPPING, Anitya, Project
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.upstream import PROJECT, details
from fmn.text import bullets, join_series, quoted


class ProjectAdd(Project):
    """Somebody added a project."""

    topics = ("anitya.project.add",)
    rule = "anitya_project_add"
    title = "Project added"
    summary_template = "{who} added {project}"
    group_summary_template = "{who:people} added {project:projects}"


class ProjectAddTried(Project):
    """Somebody tried to add a project that was there already."""

    topics = ("anitya.project.add.tried",)
    rule = "anitya_project_add_tried"
    title = "Existing project added again"
    summary_template = "{who} tried to add {project}, which is there already"
    severity = Severity.DEBUG


class ProjectEdit(Project):
    """Somebody changed what Anitya knows of a project."""

    topics = ("anitya.project.edit",)
    rule = "anitya_project_update"
    title = "Project changed"
    summary_template = "{who} changed {fields} of {project}"
    group_summary_template = "{who:people} changed {fields:alike} of {project:projects}"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "mary", "project": "moss", "fields": ["homepage"],
        "changes": {"homepage": {"old": "http://moss.example.org", "new": "https://moss.example.org"}},
    })

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        fields = join_series(f"the {field.replace('_', ' ')}" for field in details(m).texts("fields"))
        return {**super().template_values(m), "fields": fields or "something"}

    def long(self, m: MessageReader) -> str:
        fields = details(m).keys("changes")
        return bullets(self._change(m, field) for field in fields) or super().long(m)

    def _change(self, m: MessageReader, field: str) -> str:
        old, new = (details(m).text("changes", field, side) or "(none)" for side in ("old", "new"))
        return f"{field.replace('_', ' ')}: {old} -> {new}"


class ProjectUpdate(ProjectEdit):
    """Somebody changed what Anitya knows of a project, under a topic that Anitya doesn't use."""

    topics = ("anitya.project.update",)
    rule = "anitya_info_update"
    title = "Project changed (unused topic)"
    retired = True


class ProjectRemove(Project):
    """Somebody removed a project."""

    topics = ("anitya.project.remove",)
    rule = "anitya_project_deleted"
    title = "Project removed"
    summary_template = "{who} removed {project}"
    group_summary_template = "{who:people} removed {project:projects}"
    severity = Severity.WARNING


class ProjectFlag(Project):
    """Somebody asked an administrator to look at a project."""

    topics = ("anitya.project.flag",)
    rule = "anitya_flag_new"
    title = "Project flagged"
    summary_template = "{who} flagged {project}{reason}"
    group_summary_template = "{who:people} flagged {project:projects}"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "mary", "project": "moss", "reason": "Moss moved to another forge.", "packages": [MAPPING]})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        reason = quoted(details(m).text("reason"))
        return {**super().template_values(m), "reason": f": {reason}" if reason else ""}

    def long(self, m: MessageReader) -> str:
        return details(m).text("reason")


class FlagSet(Anitya):
    """An administrator opened or closed a flag on a project."""

    topics = ("anitya.project.flag.set",)
    rule = "anitya_flag_update"
    title = "Flag updated"
    summary_template = "{who} set {flag} to {state}"
    group_summary_template = "{who:people} set {flag:flags} to {state:alike}"
    example = sample(distro=None, message={"agent": "mary", "flag": 512, "state": "closed"}, project=None)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        number = details(m).text("flag")
        return {
            **super().template_values(m),
            "flag": f"the flag {number}" if number else "a flag",
            "state": details(m).text("state") or "something else",
        }


EVENTS = (ProjectAdd, ProjectAddTried, ProjectEdit, ProjectUpdate, ProjectRemove, ProjectFlag, FlagSet)
