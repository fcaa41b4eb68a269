"""Issues: opened, assigned, discussed, closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.applications.forgejo.base import ALWAYS, FORGE, MARY, SAM, Forgejo
from fmn.catalog.events import Severity
from fmn.catalog.forges import done, login, numbered, participants_of, payload, wrapped
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import join_series

#: What was done, where Forgejo's word for it is no verb in the past that takes an object.
DONE: Mapping[str, str] = {
    "label_updated": "changed the labels of",
    "label_cleared": "removed the labels of",
    "milestoned": "set the milestone of",
    "demilestoned": "took the milestone from",
    "synchronized": "updated the commits of",
    "review_requested": "asked for a review of",
    "review_request_removed": "took back a request to review",
}

#: Made up for examples.
ISSUE: dict[str, Any] = {
    "id": 1031, "number": 4, "title": "Too dry on the south side",
    "body": "Moss doesn't grow where it's dry.", "state": "open", "user": SAM, "assignee": None,
    "assignees": None, "labels": [], "comments": 0, "pull_request": None,
    "html_url": f"{FORGE}/mossers/moss/issues/4",
}


class Issue(Forgejo):
    """Something happened to an issue."""

    threaded = True
    topics = ("forgejo.issues",)
    example = wrapped({**ALWAYS, "action": "opened", "number": 4, "issue": ISSUE})

    def issue(self, m: MessageReader) -> JsonNode:
        """The issue that the event is about."""
        return payload(m).at("issue")

    def participants(self, m: MessageReader) -> Iterable[str]:
        return participants_of(self.issue(m))

    def link(self, m: MessageReader) -> str:
        return self.issue(m).text("html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        issue = self.issue(m)
        named = numbered(self.repository(m).name, issue.text("number"), issue.text("title"))
        return {
            **super().template_values(m),
            "issue": f"the issue {named}" if named else "an issue",
            "assignees": join_series(self.called(m, login(each)) for each in issue.nodes("assignees")),
            "done": done(self.action(m), DONE),
        }


class IssueOpened(Issue):
    """Somebody opened an issue."""

    rule = "forgejo_issue_opened"
    title = "New issue"
    actions = frozenset({"opened"})
    summary_template = "{who} opened {issue}"
    group_summary_template = "{who:people} opened {issue:issues}"

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (self.issue(m).text("body"),)

    def long(self, m: MessageReader) -> str:
        return self.issue(m).text("body")


class IssueClosed(Issue):
    """Somebody closed an issue."""

    rule = "forgejo_issue_closed"
    title = "Issue closed"
    actions = frozenset({"closed"})
    summary_template = "{who} closed {issue}"
    group_summary_template = "{who:people} closed {issue:issues}"
    example = wrapped({**ALWAYS, "action": "closed", "number": 4, "issue": {**ISSUE, "state": "closed"}})


class IssueReopened(Issue):
    """Somebody opened a closed issue again."""

    rule = "forgejo_issue_reopened"
    title = "Issue reopened"
    actions = frozenset({"reopened"})
    summary_template = "{who} reopened {issue}"
    group_summary_template = "{who:people} reopened {issue:issues}"
    example = wrapped({**ALWAYS, "action": "reopened", "number": 4, "issue": ISSUE})


class IssueAssigned(Issue):
    """Somebody was made responsible for an issue, or no longer is."""

    rule = "forgejo_issue_assigned"
    title = "Issue assigned"
    actions = frozenset({"assigned", "unassigned"})
    summary_template = "{who} {done} {issue}{to}"
    group_summary_template = "{who:people} {done:alike} {issue:issues}{to}"
    example = wrapped({
        **ALWAYS, "action": "assigned", "number": 4, "issue": {**ISSUE, "assignees": [SAM]}})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words = super().template_values(m)
        to = words["assignees"] if self.action(m) == "assigned" else ""
        return {**words, "to": f" to {to}" if to else ""}


class IssueDeleted(Issue):
    """Somebody deleted an issue."""

    rule = "forgejo_issue_deleted"
    title = "Issue deleted"
    actions = frozenset({"deleted"})
    summary_template = "{who} deleted {issue}"
    group_summary_template = "{who:people} deleted {issue:issues}"
    severity = Severity.WARNING
    example = wrapped({**ALWAYS, "action": "deleted", "number": 4, "issue": ISSUE})


class IssueChanged(Issue):
    """Somebody edited an issue, or changed its labels or milestone."""

    rule = "forgejo_issue_changed"
    title = "Issue changed"
    summary_template = "{who} {done} {issue}"
    group_summary_template = "{who:people} {done:alike} {issue:issues}"
    severity = Severity.DEBUG
    example = wrapped({**ALWAYS, "action": "label_updated", "number": 4, "issue": ISSUE})


class IssueComment(Issue):
    """Somebody commented on an issue or a pull request."""

    topics = ("forgejo.issue_comment",)
    title = "Comment on an issue or a pull request"
    summary_template = "{who} {commented} {issue}"
    group_summary_template = "{who:people} {commented:alike} {issue:issues}"
    example = wrapped({**ALWAYS, "action": "created", "is_pull": False, "issue": ISSUE, "comment": {
        "id": 99, "body": "A drop a day will do.", "user": MARY,
        "html_url": f"{FORGE}/mossers/moss/issues/4#issuecomment-99"}})

    def participants(self, m: MessageReader) -> Iterable[str]:
        sent = payload(m)
        yield from participants_of(self.issue(m))
        yield from participants_of(sent.at("pull_request"))
        yield login(sent, "comment", "user")

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (payload(m).text("comment", "body"),)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("comment", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, action = super().template_values(m), self.action(m)
        is_pull = payload(m).flag("is_pull") or bool(self.issue(m).keys("pull_request"))
        return {
            **words,
            "issue": words["issue"].replace("issue", "pull request", 1) if is_pull else words["issue"],
            "commented": f"{action} a comment on" if action in ("edited", "deleted") else "commented on",
        }

    def long(self, m: MessageReader) -> str:
        return payload(m).text("comment", "body")


EVENTS = (IssueOpened, IssueClosed, IssueReopened, IssueAssigned, IssueDeleted, IssueComment, IssueChanged)
