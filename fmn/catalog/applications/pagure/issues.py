"""Issues: opened, discussed, tagged, assigned, closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fmn.catalog.accounts_in_messages import mentions, person
from fmn.catalog.applications.pagure.base import (
    COMMENT,
    ISSUE,
    MARY,
    PROJECT,
    Pagure,
    comment_anchor,
    comment_of,
    fields_of,
    numbered,
    participants_of,
    project_of,
    project_page,
    project_path,
    tags_of,
)
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled, paragraphs


class Issue(Pagure):
    """Something happened to an issue: its author and those who took part are concerned."""

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield self.agent(m)
        yield from participants_of(m.at("issue"))

    def link(self, m: MessageReader) -> str:
        return project_page(m, "issue", m.text("issue", "id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words = super().template_values(m)
        issue = numbered(words["project"], m.at("issue"))
        return {**words, "issue": f"the issue {issue}" if issue else "an issue"}


class IssueNew(Issue):
    """Somebody opened an issue."""

    topics = ("pagure.issue.new",)
    rule = "pagure_issue_new"
    title = "New issue"
    summary_template = "{who} opened {issue}"
    group_summary_template = "{who:people} opened {issue:issues}"
    example = sample(agent="sam", issue=ISSUE, project=PROJECT)

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield from super().usernames(m)
        yield from mentions(m.text("issue", "content"))

    def long(self, m: MessageReader) -> str:
        return m.text("issue", "content")


class IssueEdit(Issue):
    """Somebody edited an issue, or changed its status."""

    topics = ("pagure.issue.edit",)
    rule = "pagure_issue_edit"
    title = "Issue edited"
    summary_template = "{who} changed {fields} of {issue}{status}"
    group_summary_template = "{who:people} changed {fields:alike} of {issue:issues}{status}"
    example = sample(agent="mary", fields=["status"], issue={**ISSUE, "status": "Closed"}, project=PROJECT)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        status = m.text("issue", "status") if m.texts("fields") == ["status"] else ""
        return {
            **super().template_values(m),
            "fields": fields_of(m),
            "status": f" to {status}" if status else "",
        }

    def long(self, m: MessageReader) -> str:
        content = m.text("issue", "content") if "content" in m.texts("fields") else ""
        facts = labelled(
            Status=m.text("issue", "status"),
            Closed_as=m.text("issue", "close_status"),
            Milestone=m.text("issue", "milestone"),
            Assignee=person(m, "issue", "assignee"),
        )
        return paragraphs(facts, content)


class IssueDrop(Issue):
    """Somebody deleted an issue."""

    topics = ("pagure.issue.drop",)
    title = "Issue deleted"
    summary_template = "{who} deleted {issue}"
    group_summary_template = "{who:people} deleted {issue:issues}"
    severity = Severity.WARNING
    example = sample(agent="mary", issue=ISSUE, project=PROJECT)

    def link(self, m: MessageReader) -> str:
        """The other issues of the project: this one's page is gone."""
        return project_page(m, "issues")

    def thread(self, m: MessageReader) -> str:
        return super().link(m)


class IssueComment(Issue):
    """Something happened to a comment on an issue: those whom it mentions are concerned, too."""

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield from super().usernames(m)
        yield from mentions(comment_of(m, m.at("issue")).text("comment"))

    def link(self, m: MessageReader) -> str:
        anchor = comment_anchor(comment_of(m, m.at("issue")))
        return project_page(m, "issue", m.text("issue", "id"), anchor=anchor)

    def long(self, m: MessageReader) -> str:
        return comment_of(m, m.at("issue")).text("comment")


class IssueCommentAdded(IssueComment):
    """Somebody commented on an issue."""

    topics = ("pagure.issue.comment.added",)
    rule = "pagure_issue_comment_added"
    title = "Comment on an issue"
    summary_template = "{who} commented on {issue}"
    group_summary_template = "{who:people} commented on {issue:issues}"
    example = sample(agent="mary", issue={**ISSUE, "comments": [COMMENT]}, project=PROJECT)


class IssueCommentEdited(IssueComment):
    """Somebody edited a comment on an issue."""

    topics = ("pagure.issue.comment.edited",)
    title = "Comment on an issue edited"
    summary_template = "{who} edited a comment on {issue}"
    group_summary_template = "{who:people} edited comments on {issue:issues}"
    severity = Severity.DEBUG
    example = sample(agent="mary", comment=COMMENT, issue=ISSUE, project=PROJECT)


class IssueTags(Issue):
    """The tags of an issue changed."""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "tags": tags_of(m)}


class IssueTagAdded(IssueTags):
    """Somebody tagged an issue."""

    topics = ("pagure.issue.tag.added",)
    rule = "pagure_issue_tag_added"
    title = "Issue tagged"
    summary_template = "{who} gave {issue} {tags}"
    group_summary_template = "{who:people} tagged {issue:issues}"
    example = sample(agent="mary", tags=["easyfix"], issue=ISSUE, project=PROJECT)


class IssueTagRemoved(IssueTags):
    """Somebody took tags from an issue."""

    topics = ("pagure.issue.tag.removed",)
    rule = "pagure_issue_tag_removed"
    title = "Issue untagged"
    summary_template = "{who} removed {tags} from {issue}"
    group_summary_template = "{who:people} removed tags from {issue:issues}"
    example = sample(agent="mary", tags=["easyfix", "forest"], issue={**ISSUE, "tags": []}, project=PROJECT)


class IssueAssigned(Issue):
    """Somebody was made responsible for an issue."""

    topics = ("pagure.issue.assigned.added",)
    rule = "pagure_issue_assigned_added"
    title = "Issue assigned"
    summary_template = "{who} assigned {issue}{assignee}"
    group_summary_template = "{who:people} assigned {issue:issues}{assignee}"
    example = sample(agent="mary", issue={**ISSUE, "assignee": MARY}, project=PROJECT)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        assignee = person(m, "issue", "assignee")
        return {**super().template_values(m), "assignee": f" to {assignee}" if assignee else ""}


class IssueAssignmentReset(Issue):
    """Nobody is responsible for an issue any more."""

    topics = ("pagure.issue.assigned.reset",)
    rule = "pagure_issue_assigned_reset"
    title = "Issue unassigned"
    summary_template = "{who} reset who's assigned to {issue}"
    group_summary_template = "{who:people} reset who's assigned to {issue:issues}"
    example = sample(agent="mary", issue=ISSUE, project=PROJECT)


class IssueDependency(Issue):
    """What an issue depends on changed."""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        other = (
            m.text("added_dependency") or m.text("removed_dependency") or m.text("removed_dependency", 0))
        project = project_path(project_of(m))
        return {**super().template_values(m), "other": f"{project}#{other}" if other else "another issue"}


class IssueDependencyAdded(IssueDependency):
    """An issue has to wait for another one."""

    topics = ("pagure.issue.dependency.added",)
    rule = "pagure_issue_dependency_added"
    title = "Dependency of an issue added"
    summary_template = "{who} added {issue} to the dependencies of {other}"
    group_summary_template = "{who:people} added dependencies of {other:issues}"
    example = sample(agent="mary", added_dependency=3, issue={**ISSUE, "blocks": [3]}, project=PROJECT)


class IssueDependencyRemoved(IssueDependency):
    """An issue no longer has to wait for another one."""

    topics = ("pagure.issue.dependency.removed",)
    rule = "pagure_issue_dependency_removed"
    title = "Dependency of an issue removed"
    summary_template = "{who} removed {issue} from the dependencies of {other}"
    group_summary_template = "{who:people} removed dependencies of {other:issues}"
    example = sample(agent="mary", removed_dependency=3, issue=ISSUE, project=PROJECT)


EVENTS = (
    IssueNew,
    IssueEdit,
    IssueDrop,
    IssueCommentAdded,
    IssueCommentEdited,
    IssueTagAdded,
    IssueTagRemoved,
    IssueAssigned,
    IssueAssignmentReset,
    IssueDependencyAdded,
    IssueDependencyRemoved,
)
