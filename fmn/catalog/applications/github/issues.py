"""Issues and discussions, with what people say and do about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmn.catalog.applications.github.base import MARY, SAM, GitHub, commented, done, webhook
from fmn.catalog.forges import payload
from fmn.catalog.message_reader import MessageReader

#: Made up for examples.
ISSUE: dict[str, Any] = {
    "number": 4, "title": "Too dry on the south side", "body": "Moss doesn't grow where it's dry.",
    "state": "open", "user": SAM, "assignee": None, "labels": [], "comments": 0,
    "html_url": "https://github.com/mossers/moss/issues/4",
}


class Issue(GitHub):
    """Something happened to an issue."""

    example = webhook(action="opened", issue=ISSUE)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("issue", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        issue, kind = self.numbered(m, payload(m).at("issue")), self._kind(m)
        assignee = self.person(m, "assignee") or self.person(m, "issue", "assignee")
        label = payload(m).text("label", "name")
        return {
            **super().template_values(m),
            "issue": f"the {kind} {issue}" if issue else "an issue",
            "assignee": assignee or "somebody",
            "label": f"the label {label}" if label else "a label",
            "done": done(m),
        }

    def _kind(self, m: MessageReader) -> str:
        """Pull requests are issues too, as far as comments and labels go."""
        return "pull request" if payload(m).text("issue", "pull_request", "html_url") else "issue"


class IssueOpened(Issue):
    """Somebody opened an issue."""

    topics = ("github.issue.opened", "github.issues")
    action = "opened"
    title = "New issue"
    summary_template = "{who} opened {issue}"
    group_summary_template = "{who:people} opened {issue:issues}"

    def long(self, m: MessageReader) -> str:
        return payload(m).text("issue", "body")


class IssueClosed(Issue):
    """Somebody closed an issue."""

    topics = ("github.issue.closed", "github.issues")
    action = "closed"
    title = "Issue closed"
    summary_template = "{who} closed {issue}"
    group_summary_template = "{who:people} closed {issue:issues}"
    example = webhook(action="closed", issue={**ISSUE, "state": "closed"})


class IssueReopened(Issue):
    """Somebody opened a closed issue again."""

    topics = ("github.issue.reopened", "github.issues")
    action = "reopened"
    rule = "github_issue_reopened"
    title = "Issue reopened"
    summary_template = "{who} reopened {issue}"
    group_summary_template = "{who:people} reopened {issue:issues}"
    example = webhook(action="reopened", issue=ISSUE)


class IssueAssigned(Issue):
    """Somebody was made responsible for an issue."""

    topics = ("github.issue.assigned", "github.issues")
    action = "assigned"
    title = "Issue assigned"
    summary_template = "{who} assigned {issue} to {assignee}"
    group_summary_template = "{who:people} assigned {issue:issues} to {assignee:people}"
    example = webhook(action="assigned", issue=ISSUE, assignee=SAM)


class IssueUnassigned(Issue):
    """Somebody is no longer responsible for an issue."""

    topics = ("github.issue.unassigned", "github.issues")
    action = "unassigned"
    title = "Issue unassigned"
    summary_template = "{who} took {issue} from {assignee}"
    group_summary_template = "{who:people} took {issue:issues} from {assignee:people}"
    example = webhook(action="unassigned", issue=ISSUE, assignee=SAM)


class IssueLabeled(Issue):
    """Somebody labelled an issue."""

    topics = ("github.issue.labeled", "github.issues")
    action = "labeled"
    title = "Issue labelled"
    summary_template = "{who} gave {issue} {label}"
    group_summary_template = "{who:people} labelled {issue:issues}"
    example = webhook(action="labeled", issue=ISSUE, label={"name": "easyfix"})


class IssueUnlabeled(Issue):
    """Somebody took a label from an issue."""

    topics = ("github.issue.unlabeled", "github.issues")
    action = "unlabeled"
    title = "Issue unlabelled"
    summary_template = "{who} removed {label} from {issue}"
    group_summary_template = "{who:people} removed labels from {issue:issues}"
    example = webhook(action="unlabeled", issue=ISSUE, label={"name": "easyfix"})


class IssueChanged(Issue):
    """Somebody did something else with an issue."""

    topics = ("github.issue.*", "github.issues")
    title = "Issue changed"
    summary_template = "{who} {done} {issue}"
    group_summary_template = "{who:people} {done:alike} {issue:issues}"
    example = webhook(action="edited", issue=ISSUE)
    example_topic = "github.issue.edited"


class IssueComment(Issue):
    """Somebody commented on an issue or a pull request."""

    topics = ("github.issue.comment", "github.issue_comment")
    rule = "github_issue_comment"
    title = "Comment on an issue"
    summary_template = "{who} {commented} {issue}"
    group_summary_template = "{who:people} {commented:alike} {issue:issues}"
    example = webhook(action="created", issue=ISSUE, comment={
        "id": 99, "body": "A drop a day will do.",
        "html_url": "https://github.com/mossers/moss/issues/4#issuecomment-99"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("comment", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "commented": commented(m)}

    def long(self, m: MessageReader) -> str:
        return payload(m).text("comment", "body")


#: Made up for examples.
DISCUSSION: dict[str, Any] = {
    "number": 21, "title": "Which trees?", "body": "Where does it grow best?", "state": "open", "user": SAM,
    "category": {"name": "Q&A"}, "html_url": "https://github.com/mossers/moss/discussions/21",
}


class Discussion(GitHub):
    """Something happened to a discussion."""

    example = webhook(action="created", discussion=DISCUSSION)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("discussion", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        discussion = self.numbered(m, payload(m).at("discussion"))
        return {
            **super().template_values(m),
            "discussion": f"the discussion {discussion}" if discussion else "a discussion",
            "done": done(m),
        }


class DiscussionStarted(Discussion):
    """Somebody started a discussion."""

    topics = ("github.discussion",)
    action = "created"
    rule = "github_discussion_created"
    title = "New discussion"
    summary_template = "{who} started {discussion}"
    group_summary_template = "{who:people} started {discussion:discussions}"

    def long(self, m: MessageReader) -> str:
        return payload(m).text("discussion", "body")


class DiscussionAnswered(Discussion):
    """Somebody marked a comment as the answer to a discussion."""

    topics = ("github.discussion",)
    action = "answered"
    rule = "github_discussion_answered"
    title = "Discussion answered"
    summary_template = "{who} marked an answer to {discussion}"
    group_summary_template = "{who:people} marked answers to {discussion:discussions}"
    example = webhook(action="answered", discussion=DISCUSSION, answer={
        "id": 5, "body": "On oaks.", "user": MARY,
        "html_url": "https://github.com/mossers/moss/discussions/21#discussioncomment-5"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("answer", "html_url") or super().link(m)

    def long(self, m: MessageReader) -> str:
        return payload(m).text("answer", "body")


class DiscussionChanged(Discussion):
    """Somebody did something else with a discussion."""

    topics = ("github.discussion",)
    rule = "github_discussion"
    title = "Discussion changed"
    summary_template = "{who} {done} {discussion}"
    group_summary_template = "{who:people} {done:alike} {discussion:discussions}"
    example = webhook(action="closed", discussion=DISCUSSION)


class DiscussionComment(Discussion):
    """Somebody commented on a discussion."""

    topics = ("github.discussion_comment",)
    title = "Comment on a discussion"
    summary_template = "{who} {commented} {discussion}"
    group_summary_template = "{who:people} {commented:alike} {discussion:discussions}"
    example = webhook(action="created", discussion=DISCUSSION, comment={
        "id": 6, "body": "Or on stones.", "user": MARY,
        "html_url": "https://github.com/mossers/moss/discussions/21#discussioncomment-6"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("comment", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "commented": commented(m)}

    def long(self, m: MessageReader) -> str:
        return payload(m).text("comment", "body")


EVENTS = (
    IssueOpened,
    IssueClosed,
    IssueReopened,
    IssueAssigned,
    IssueUnassigned,
    IssueLabeled,
    IssueUnlabeled,
    IssueComment,
    IssueChanged,
    DiscussionStarted,
    DiscussionAnswered,
    DiscussionChanged,
    DiscussionComment,
)
