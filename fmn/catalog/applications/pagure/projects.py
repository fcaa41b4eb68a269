"""Projects: made, forked, changed, deleted, and who may do what in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.applications.pagure.base import (
    MARY,
    PROJECT,
    SAM,
    Pagure,
    fields_of,
    forge,
    project_of,
    project_page,
    project_path,
    tags_of,
)
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import join_series


class Project(Pagure):
    """Something happened to a project."""

    def link(self, m: MessageReader) -> str:
        return project_page(m)


class ProjectNew(Project):
    """Somebody made a project."""

    topics = ("pagure.project.new",)
    rule = "pagure_project_new"
    title = "New project"
    summary_template = "{who} made the project {project}"
    group_summary_template = "{who:people} made projects: {project:projects}"
    example = sample(agent="mary", project=PROJECT)

    def long(self, m: MessageReader) -> str:
        return project_of(m).text("description")


class ProjectEdit(Project):
    """Somebody changed what a project is."""

    topics = ("pagure.project.edit",)
    rule = "pagure_project_edit"
    title = "Project changed"
    summary_template = "{who} changed {fields} of {project}"
    group_summary_template = "{who:people} changed {fields:alike} of {project:projects}"
    example = sample(agent="mary", fields=["description", "avatar_email"], project=PROJECT)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "fields": fields_of(m)}


class ProjectForked(Project):
    """Somebody made a copy of a project to work in."""

    topics = ("pagure.project.forked",)
    rule = "pagure_project_forked"
    title = "Project forked"
    summary_template = "{who} forked {original} to {project}"
    group_summary_template = "{who:people} forked {original:projects}"
    example = sample(agent="sam", project={**PROJECT, "parent": PROJECT, "user": SAM})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        original = project_path(project_of(m).at("parent"))
        return {**super().template_values(m), "original": original or "a project"}


class ProjectDeleted(Project):
    """Somebody deleted a project."""

    topics = ("pagure.project.deleted",)
    title = "Project deleted"
    summary_template = "{who} deleted the project {project}"
    group_summary_template = "{who:people} deleted projects: {project:projects}"
    severity = Severity.WARNING
    example = sample(agent="mary", project=PROJECT)

    def link(self, m: MessageReader) -> str:
        return super(Project, self).link(m)


class ProjectTags(Project):
    """The tags that a project has for its issues changed."""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "tags": tags_of(m),
            "old": m.text("old_tag") or "a tag",
            "new": m.text("new_tag") or "another one",
        }


class ProjectTagEdited(ProjectTags):
    """Somebody renamed a tag of a project."""

    topics = ("pagure.project.tag.edited",)
    rule = "pagure_project_tag_edited"
    title = "Tag of a project changed"
    summary_template = "{who} changed the tag {old} of {project} to {new}"
    example = sample(agent="mary", old_tag="easy", new_tag="easyfix", project=PROJECT)


class ProjectTagRemoved(ProjectTags):
    """Somebody removed tags from a project."""

    topics = ("pagure.project.tag.removed",)
    rule = "pagure_project_tag_removed"
    title = "Tags of a project removed"
    summary_template = "{who} removed {tags} from {project}"
    example = sample(agent="mary", tags=["easy"], project=PROJECT)


class Access(Project):
    """Who may do what in a project changed."""

    severity = Severity.WARNING

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), person(m, "new_user"), person(m, "removed_user"))

    def groups(self, m: MessageReader) -> Iterable[str]:
        return (m.text("new_group"), *m.texts("new_group"), *m.texts("removed_groups"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        access = m.text("new_access") or m.text("access")
        group = join_series(m.texts("new_group")) or m.text("new_group") or join_series(
            m.texts("removed_groups"))
        return {
            **super().template_values(m),
            "user": person(m, "new_user") or person(m, "removed_user") or "somebody",
            "group": f"the group {group}" if group else "a group",
            "with": f" with {access} access" if access else "",
            "access": f"{access} access" if access else "another level of access",
        }


class UserAdded(Access):
    """Somebody was given access to a project."""

    topics = ("pagure.project.user.added",)
    rule = "pagure_project_user_added"
    title = "User added to a project"
    summary_template = "{who} added {user} to {project}{with}"
    group_summary_template = "{who:people} added {user:people} to {project:projects}{with}"
    example = sample(agent="mary", new_user="sam", access="commit", project=PROJECT)


class UserRemoved(Access):
    """Somebody lost access to a project."""

    topics = ("pagure.project.user.removed",)
    title = "User removed from a project"
    summary_template = "{who} removed {user} from {project}"
    group_summary_template = "{who:people} removed {user:people} from {project:projects}"
    example = sample(agent="mary", removed_user="sam", project=PROJECT)


class UserAccessUpdated(Access):
    """Somebody may do more or less in a project."""

    topics = ("pagure.project.user.access.updated",)
    title = "Access of a user changed"
    summary_template = "{who} gave {user} {access} to {project}"
    group_summary_template = "{who:people} gave {user:people} {access:alike} to {project:projects}"
    example = sample(agent="mary", new_user="sam", new_access="admin", project=PROJECT)


class GroupAdded(Access):
    """A group was given access to a project."""

    topics = ("pagure.project.group.added",)
    title = "Group added to a project"
    summary_template = "{who} added {group} to {project}{with}"
    group_summary_template = "{who:people} added {group:groups} to {project:projects}{with}"
    example = sample(agent="mary", new_group="mossers", access="commit", project=PROJECT)


class GroupRemoved(Access):
    """A group lost access to a project."""

    topics = ("pagure.project.group.removed",)
    title = "Group removed from a project"
    summary_template = "{who} removed {group} from {project}"
    group_summary_template = "{who:people} removed {group:groups} from {project:projects}"
    example = sample(agent="mary", removed_groups=["mossers"], project=PROJECT)


class GroupAccessUpdated(Access):
    """A group may do more or less in a project."""

    topics = ("pagure.project.group.access.updated",)
    title = "Access of a group changed"
    summary_template = "{who} gave {group} {access} to {project}"
    group_summary_template = "{who:people} gave {group:groups} {access:alike} to {project:projects}"
    example = sample(agent="mary", new_group="mossers", new_access="admin", project=PROJECT)


class GroupEdit(Pagure):
    """Somebody changed what a group on the forge is."""

    topics = ("pagure.group.edit",)
    title = "Group of the forge changed"
    summary_template = "{who} changed {fields} of {group}"
    example = sample(
        agent="mary", fields=["display_name"],
        group={"name": "mossers", "display_name": "Friends of Moss", "creator": MARY},
    )

    def groups(self, m: MessageReader) -> Iterable[str]:
        return (person(m, "group"),)

    def link(self, m: MessageReader) -> str:
        return page(forge(m), "group", person(m, "group"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        group = person(m, "group")
        return {
            **super().template_values(m),
            "fields": fields_of(m),
            "group": f"the group {group}" if group else "a group",
        }


class TestNotification(Pagure):
    """Somebody tried whether a project's messages arrive."""

    topics = ("pagure.Test.notification",)
    title = "Test of messages"
    summary_template = "Pagure sent a test message"
    severity = Severity.DEBUG
    example = sample(content="Test message")


EVENTS = (
    ProjectNew,
    ProjectEdit,
    ProjectForked,
    ProjectDeleted,
    ProjectTagEdited,
    ProjectTagRemoved,
    UserAdded,
    UserRemoved,
    UserAccessUpdated,
    GroupAdded,
    GroupRemoved,
    GroupAccessUpdated,
    GroupEdit,
    TestNotification,
)
