"""Talk: issues and pull requests, with what people say and do about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmn.catalog.applications.github.base import ALWAYS, SAM, GitHub, numbered, person_of
from fmn.catalog.commits import REVISION
from fmn.catalog.events import sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import labelled, paragraphs

#: Made up for examples.
ISSUE: dict[str, Any] = {
    "number": 4, "title": "Too dry on the south side", "body": "Moss doesn't grow where it's dry.",
    "state": "open", "user": SAM, "assignee": None, "labels": [], "comments": 0,
    "html_url": "https://github.com/mossers/moss/issues/4",
}
PULL_REQUEST: dict[str, Any] = {
    "number": 12, "title": "Water the south side", "body": "It's dry there.", "state": "open", "user": SAM,
    "merged": False, "commits": 1, "additions": 12, "deletions": 3, "changed_files": 1,
    "base": {"label": "mossers:main", "ref": "main"}, "head": {"label": "sam42:water", "ref": "water"},
    "html_url": "https://github.com/mossers/moss/pull/12",
}


#: What was done, where GitHub's word for it is no verb in the past.
DONE = {
    "review_requested": "asked for a review of",
    "review_request_removed": "took back a request to review",
    "converted_to_draft": "made a draft of",
    "ready_for_review": "finished the draft of",
}


def done(m: MessageReader) -> str:
    """What somebody did, as a verb in the past: the message says so itself, and its topic."""
    action = m.text("action") or m.topic_part(2)
    return DONE.get(action) or action.replace("_", " ")


class Issue(GitHub):
    """Something happened to an issue."""

    example = sample(**ALWAYS, action="opened", issue=ISSUE)

    def link(self, m: MessageReader) -> str:
        return m.text("issue", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        issue, kind = numbered(m, m.at("issue")), self._kind(m)
        assignee = person_of(m, "assignee") or person_of(m, "issue", "assignee")
        label = m.text("label", "name")
        return {
            **super().template_values(m),
            "issue": f"the {kind} {issue}" if issue else "an issue",
            "assignee": assignee or "somebody",
            "label": f"the label {label}" if label else "a label",
            "done": done(m),
        }

    def _kind(self, m: MessageReader) -> str:
        """Pull requests are issues too, as far as comments and labels go."""
        return "pull request" if m.text("issue", "pull_request", "html_url") else "issue"


class IssueOpened(Issue):
    """Somebody opened an issue."""

    topics = ("github.issue.opened",)
    title = "New issue"
    summary_template = "{who} opened {issue}"
    group_summary_template = "{who:people} opened {issue:issues}"

    def long(self, m: MessageReader) -> str:
        return m.text("issue", "body")


class IssueClosed(Issue):
    """Somebody closed an issue."""

    topics = ("github.issue.closed",)
    title = "Issue closed"
    summary_template = "{who} closed {issue}"
    group_summary_template = "{who:people} closed {issue:issues}"
    example = sample(**ALWAYS, action="closed", issue={**ISSUE, "state": "closed"})


class IssueReopened(Issue):
    """Somebody opened a closed issue again."""

    topics = ("github.issue.reopened",)
    rule = "github_issue_reopened"
    title = "Issue reopened"
    summary_template = "{who} reopened {issue}"
    group_summary_template = "{who:people} reopened {issue:issues}"
    example = sample(**ALWAYS, action="reopened", issue=ISSUE)


class IssueAssigned(Issue):
    """Somebody was made responsible for an issue."""

    topics = ("github.issue.assigned",)
    title = "Issue assigned"
    summary_template = "{who} assigned {issue} to {assignee}"
    group_summary_template = "{who:people} assigned {issue:issues} to {assignee:people}"
    example = sample(**ALWAYS, action="assigned", issue=ISSUE, assignee=SAM)


class IssueUnassigned(Issue):
    """Somebody is no longer responsible for an issue."""

    topics = ("github.issue.unassigned",)
    title = "Issue unassigned"
    summary_template = "{who} took {issue} from {assignee}"
    group_summary_template = "{who:people} took {issue:issues} from {assignee:people}"
    example = sample(**ALWAYS, action="unassigned", issue=ISSUE, assignee=SAM)


class IssueLabeled(Issue):
    """Somebody labelled an issue."""

    topics = ("github.issue.labeled",)
    title = "Issue labelled"
    summary_template = "{who} gave {issue} {label}"
    group_summary_template = "{who:people} labelled {issue:issues}"
    example = sample(**ALWAYS, action="labeled", issue=ISSUE, label={"name": "easyfix"})


class IssueUnlabeled(Issue):
    """Somebody took a label from an issue."""

    topics = ("github.issue.unlabeled",)
    title = "Issue unlabelled"
    summary_template = "{who} removed {label} from {issue}"
    group_summary_template = "{who:people} removed labels from {issue:issues}"
    example = sample(**ALWAYS, action="unlabeled", issue=ISSUE, label={"name": "easyfix"})


class IssueChanged(Issue):
    """Somebody did something else with an issue."""

    topics = ("github.issue.*",)
    title = "Issue changed"
    summary_template = "{who} {done} {issue}"
    group_summary_template = "{who:people} {done:alike} {issue:issues}"
    example = sample(**ALWAYS, action="edited", issue=ISSUE)
    example_topic = "github.issue.edited"


class IssueComment(Issue):
    """Somebody commented on an issue or a pull request."""

    topics = ("github.issue.comment",)
    rule = "github_issue_comment"
    title = "Comment on an issue"
    summary_template = "{who} {commented} {issue}"
    group_summary_template = "{who:people} {commented:alike} {issue:issues}"
    example = sample(**ALWAYS, action="created", issue=ISSUE, comment={
        "id": 99, "body": "A drop a day will do.",
        "html_url": "https://github.com/mossers/moss/issues/4#issuecomment-99"})

    def link(self, m: MessageReader) -> str:
        return m.text("comment", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "commented": _commented(m)}

    def long(self, m: MessageReader) -> str:
        return m.text("comment", "body")


def _commented(m: MessageReader) -> str:
    return f"{m.text('action')} a comment on" if m.text("action") in ("edited", "deleted") else "commented on"


class PullRequest(GitHub):
    """Something happened to a pull request."""

    example = sample(**ALWAYS, action="opened", number=12, pull_request=PULL_REQUEST)

    def link(self, m: MessageReader) -> str:
        return m.text("pull_request", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        request = numbered(m, m.at("pull_request"))
        return {
            **super().template_values(m),
            "request": f"the pull request {request}" if request else "a pull request",
            "done": done(m),
        }


class PullRequestOpened(PullRequest):
    """Somebody opened a pull request."""

    topics = ("github.pull_request.opened",)
    title = "New pull request"
    summary_template = "{who} opened {request}"
    group_summary_template = "{who:people} opened {request:pull requests}"

    def long(self, m: MessageReader) -> str:
        request = m.at("pull_request")
        return paragraphs(_branches(request), request.text("body"))


def _branches(request: JsonNode) -> str:
    added, removed = request.text("additions"), request.text("deletions")
    return labelled(
        From=request.text("head", "label"),
        To=request.text("base", "label"),
        Lines=f"+{added}, -{removed}" if added and removed else "",
    )


class PullRequestClosed(PullRequest):
    """A pull request was merged, or closed without merging."""

    topics = ("github.pull_request.closed",)
    rule = "github_pull_request_closed"
    title = "Pull request merged or closed"
    summary_template = "{who} {did} {request}{without}"
    group_summary_template = "{who:people} {did:alike} {request:pull requests}"
    example = sample(
        **ALWAYS, action="closed", number=12,
        pull_request={**PULL_REQUEST, "state": "closed", "merged": True})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        merged = m.flag("pull_request", "merged")
        return {
            **super().template_values(m),
            "did": "merged" if merged else "closed",
            "without": "" if merged else " without merging it",
        }


class PullRequestReopened(PullRequest):
    """Somebody opened a closed pull request again."""

    topics = ("github.pull_request.reopened",)
    title = "Pull request reopened"
    summary_template = "{who} reopened {request}"
    group_summary_template = "{who:people} reopened {request:pull requests}"
    example = sample(**ALWAYS, action="reopened", number=12, pull_request=PULL_REQUEST)


class PullRequestSynchronize(PullRequest):
    """The commits of a pull request changed."""

    topics = ("github.pull_request.synchronize",)
    title = "Pull request updated"
    summary_template = "{who} updated the commits of {request}"
    group_summary_template = "{who:people} updated the commits of {request:pull requests}"
    example = sample(**ALWAYS, action="synchronize", number=12, pull_request=PULL_REQUEST)


class PullRequestChanged(PullRequest):
    """Somebody did something else with a pull request."""

    topics = ("github.pull_request.*",)
    title = "Pull request changed"
    summary_template = "{who} {done} {request}"
    group_summary_template = "{who:people} {done:alike} {request:pull requests}"
    example = sample(**ALWAYS, action="edited", number=12, pull_request=PULL_REQUEST)
    example_topic = "github.pull_request.edited"


#: What reviews say, by their state.
REVIEWED = {
    "approved": "approved",
    "changes_requested": "asked for changes in",
    "dismissed": "dismissed a review of",
    "pending": "began to review",
}


class PullRequestReview(PullRequest):
    """Somebody reviewed a pull request."""

    topics = ("github.pull_request_review",)
    title = "Pull request reviewed"
    summary_template = "{who} {reviewed} {request}"
    group_summary_template = "{who:people} {reviewed:alike} {request:pull requests}"
    example = sample(**ALWAYS, action="submitted", pull_request=PULL_REQUEST, review={
        "id": 7, "state": "approved", "body": "Grows well.", "commit_id": REVISION,
        "html_url": "https://github.com/mossers/moss/pull/12#pullrequestreview-7"})

    def link(self, m: MessageReader) -> str:
        return m.text("review", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "reviewed": REVIEWED.get(m.text("review", "state"), "reviewed")}

    def long(self, m: MessageReader) -> str:
        return m.text("review", "body")


class PullRequestReviewComment(PullRequest):
    """Somebody commented on the code of a pull request."""

    topics = ("github.pull_request_review_comment",)
    rule = "github_pull_request_review_comment"
    title = "Comment on the code of a pull request"
    summary_template = "{who} {commented} {request}"
    group_summary_template = "{who:people} {commented:alike} {request:pull requests}"
    example = sample(**ALWAYS, action="created", pull_request=PULL_REQUEST, comment={
        "id": 98, "body": "More water here.", "path": "moss.c", "line": 7,
        "html_url": "https://github.com/mossers/moss/pull/12#discussion_r98"})

    def link(self, m: MessageReader) -> str:
        return m.text("comment", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "commented": _commented(m)}

    def long(self, m: MessageReader) -> str:
        place = labelled(File=m.text("comment", "path"), Line=m.text("comment", "line"))
        return paragraphs(place, m.text("comment", "body"))


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
    PullRequestOpened,
    PullRequestClosed,
    PullRequestReopened,
    PullRequestSynchronize,
    PullRequestReview,
    PullRequestReviewComment,
    PullRequestChanged,
)
