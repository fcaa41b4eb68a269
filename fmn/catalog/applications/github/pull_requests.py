"""Pull requests: opened, reviewed, discussed, merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmn.catalog.applications.github.base import SAM, GitHub, commented, done, webhook
from fmn.catalog.commits import REVISION
from fmn.catalog.events import Severity
from fmn.catalog.forges import payload
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import labelled, paragraphs

#: Made up for an example.
PULL_REQUEST: dict[str, Any] = {
    "number": 12, "title": "Water the south side", "body": "It's dry there.", "state": "open", "user": SAM,
    "merged": False, "commits": 1, "additions": 12, "deletions": 3, "changed_files": 1,
    "base": {"label": "mossers:main", "ref": "main"}, "head": {"label": "sam42:water", "ref": "water"},
    "html_url": "https://github.com/mossers/moss/pull/12",
}


class PullRequest(GitHub):
    """Something happened to a pull request."""

    example = webhook(action="opened", number=12, pull_request=PULL_REQUEST)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("pull_request", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        request = self.numbered(m, payload(m).at("pull_request"))
        return {
            **super().template_values(m),
            "request": f"the pull request {request}" if request else "a pull request",
            "done": done(m),
        }


class PullRequestOpened(PullRequest):
    """Somebody opened a pull request."""

    topics = ("github.pull_request.opened", "github.pull_request")
    action = "opened"
    title = "New pull request"
    summary_template = "{who} opened {request}"
    group_summary_template = "{who:people} opened {request:pull requests}"

    def long(self, m: MessageReader) -> str:
        request = payload(m).at("pull_request")
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

    topics = ("github.pull_request.closed", "github.pull_request")
    action = "closed"
    rule = "github_pull_request_closed"
    title = "Pull request merged or closed"
    summary_template = "{who} {did} {request}{without}"
    group_summary_template = "{who:people} {did:alike} {request:pull requests}"
    example = webhook(action="closed", number=12,
        pull_request={**PULL_REQUEST, "state": "closed", "merged": True})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        merged = payload(m).flag("pull_request", "merged")
        return {
            **super().template_values(m),
            "did": "merged" if merged else "closed",
            "without": "" if merged else " without merging it",
        }


class PullRequestReopened(PullRequest):
    """Somebody opened a closed pull request again."""

    topics = ("github.pull_request.reopened", "github.pull_request")
    action = "reopened"
    title = "Pull request reopened"
    summary_template = "{who} reopened {request}"
    group_summary_template = "{who:people} reopened {request:pull requests}"
    example = webhook(action="reopened", number=12, pull_request=PULL_REQUEST)


class PullRequestSynchronize(PullRequest):
    """The commits of a pull request changed."""

    topics = ("github.pull_request.synchronize", "github.pull_request")
    action = "synchronize"
    title = "Pull request updated"
    summary_template = "{who} updated the commits of {request}"
    group_summary_template = "{who:people} updated the commits of {request:pull requests}"
    example = webhook(action="synchronize", number=12, pull_request=PULL_REQUEST)


class PullRequestChanged(PullRequest):
    """Somebody did something else with a pull request."""

    topics = ("github.pull_request.*", "github.pull_request")
    title = "Pull request changed"
    summary_template = "{who} {done} {request}"
    group_summary_template = "{who:people} {done:alike} {request:pull requests}"
    example = webhook(action="edited", number=12, pull_request=PULL_REQUEST)
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
    example = webhook(action="submitted", pull_request=PULL_REQUEST, review={
        "id": 7, "state": "approved", "body": "Grows well.", "commit_id": REVISION,
        "html_url": "https://github.com/mossers/moss/pull/12#pullrequestreview-7"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("review", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        state = payload(m).text("review", "state")
        return {**super().template_values(m), "reviewed": REVIEWED.get(state, "reviewed")}

    def long(self, m: MessageReader) -> str:
        return payload(m).text("review", "body")


class PullRequestReviewComment(PullRequest):
    """Somebody commented on the code of a pull request."""

    topics = ("github.pull_request_review_comment",)
    rule = "github_pull_request_review_comment"
    title = "Comment on the code of a pull request"
    summary_template = "{who} {commented} {request}"
    group_summary_template = "{who:people} {commented:alike} {request:pull requests}"
    example = webhook(action="created", pull_request=PULL_REQUEST, comment={
        "id": 98, "body": "More water here.", "path": "moss.c", "line": 7,
        "html_url": "https://github.com/mossers/moss/pull/12#discussion_r98"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("comment", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "commented": commented(m)}

    def long(self, m: MessageReader) -> str:
        place = labelled(File=payload(m).text("comment", "path"), Line=payload(m).text("comment", "line"))
        return paragraphs(place, payload(m).text("comment", "body"))


class PullRequestReviewThread(PullRequest):
    """Somebody resolved a conversation about the code of a pull request, or took it up again."""

    topics = ("github.pull_request_review_thread",)
    title = "Conversation about code resolved"
    summary_template = "{who} {done} a conversation about {request}"
    group_summary_template = "{who:people} {done:alike} conversations about {request:pull requests}"
    severity = Severity.DEBUG
    example = webhook(action="resolved", pull_request=PULL_REQUEST, thread={"node_id": "T1", "comments": []})


EVENTS = (
    PullRequestOpened,
    PullRequestClosed,
    PullRequestReopened,
    PullRequestSynchronize,
    PullRequestReview,
    PullRequestReviewComment,
    PullRequestReviewThread,
    PullRequestChanged,
)
