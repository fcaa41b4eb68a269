"""Pull requests: opened, reviewed, merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from fmn.catalog.applications.forgejo.base import ALWAYS, FORGE, REPOSITORY, SAM, Forgejo
from fmn.catalog.applications.forgejo.issues import DONE
from fmn.catalog.events import Severity
from fmn.catalog.forges import done, login, numbered, participants_of, payload, wrapped
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import labelled, paragraphs

#: Made up for examples.
PULL_REQUEST: dict[str, Any] = {
    "id": 2031, "number": 12, "title": "Water the south side", "body": "It's dry there.", "state": "open",
    "user": SAM, "merged": False, "merged_by": None, "assignee": None, "assignees": None,
    "requested_reviewers": [], "additions": 12, "deletions": 3, "changed_files": 1,
    "base": {"label": "main", "ref": "main", "repo": REPOSITORY},
    "head": {"label": "water", "ref": "water", "repo": {**REPOSITORY, "full_name": "sam/moss", "fork": True}},
    "html_url": f"{FORGE}/mossers/moss/pulls/12",
}


def about(action: str, **more: Any) -> Mapping[str, Any]:
    """An example: somebody did something with a pull request."""
    return wrapped({**ALWAYS, "action": action, "number": 12, "pull_request": PULL_REQUEST, **more})


class PullRequest(Forgejo):
    """Something happened to a pull request."""

    threaded = True
    topics: ClassVar[tuple[str, ...]] = ("forgejo.pull_request",)
    example = about("opened")

    def request(self, m: MessageReader) -> JsonNode:
        """The pull request that the event is about."""
        return payload(m).at("pull_request")

    def participants(self, m: MessageReader) -> Iterable[str]:
        yield from participants_of(self.request(m))
        yield login(payload(m), "requested_reviewer")

    def link(self, m: MessageReader) -> str:
        return self.request(m).text("html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        request = self.request(m)
        named = numbered(self.repository(m).name, request.text("number"), request.text("title"))
        return {
            **super().template_values(m),
            "request": f"the pull request {named}" if named else "a pull request",
            "done": done(self.action(m), DONE),
        }


class PullRequestOpened(PullRequest):
    """Somebody opened a pull request."""

    rule = "forgejo_pull_request_opened"
    title = "New pull request"
    actions = frozenset({"opened"})
    summary_template = "{who} opened {request}"
    group_summary_template = "{who:people} opened {request:pull requests}"

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (self.request(m).text("body"),)

    def long(self, m: MessageReader) -> str:
        request = self.request(m)
        added, removed = request.text("additions"), request.text("deletions")
        return paragraphs(labelled(
            From=_branch(request.at("head")), To=_branch(request.at("base")),
            Lines=f"+{added}, -{removed}" if added and removed else "",
        ), request.text("body"))


def _branch(end: JsonNode) -> str:
    return ":".join(filter(None, (end.text("repo", "full_name"), end.text("ref"))))


class PullRequestMerged(PullRequest):
    """Somebody merged a pull request."""

    rule = "forgejo_pull_request_merged"
    title = "Pull request merged"
    actions = frozenset({"closed"})
    summary_template = "{who} merged {request}"
    group_summary_template = "{who:people} merged {request:pull requests}"
    example = about("closed", pull_request={**PULL_REQUEST, "state": "closed", "merged": True})

    def matches(self, m: MessageReader) -> bool:
        return super().matches(m) and self.request(m).flag("merged")


class PullRequestClosed(PullRequest):
    """Somebody closed a pull request without merging it."""

    rule = "forgejo_pull_request_closed"
    title = "Pull request closed"
    actions = frozenset({"closed"})
    summary_template = "{who} closed {request} without merging it"
    group_summary_template = "{who:people} closed {request:pull requests}"
    severity = Severity.WARNING
    example = about("closed", pull_request={**PULL_REQUEST, "state": "closed"})


class PullRequestReopened(PullRequest):
    """Somebody opened a closed pull request again."""

    rule = "forgejo_pull_request_reopened"
    title = "Pull request reopened"
    actions = frozenset({"reopened"})
    summary_template = "{who} reopened {request}"
    group_summary_template = "{who:people} reopened {request:pull requests}"
    example = about("reopened")


class PullRequestUpdated(PullRequest):
    """The commits of a pull request changed."""

    rule = "forgejo_pull_request_updated"
    title = "Pull request updated"
    actions = frozenset({"synchronized", "synchronize"})
    summary_template = "{who} updated the commits of {request}"
    group_summary_template = "{who:people} updated the commits of {request:pull requests}"
    example = about("synchronized")


class ReviewRequested(PullRequest):
    """Somebody was asked for a review of a pull request."""

    rule = "forgejo_review_requested"
    title = "Review requested"
    actions = frozenset({"review_requested"})
    summary_template = "{who} asked {reviewer} for a review of {request}"
    group_summary_template = "{who:people} asked for reviews of {request:pull requests}"
    example = about("review_requested", requested_reviewer=SAM)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        reviewer = self.called(m, login(payload(m), "requested_reviewer"))
        return {**super().template_values(m), "reviewer": reviewer or "somebody"}


class PullRequestChanged(PullRequest):
    """Somebody edited or assigned a pull request, or changed its labels or milestone."""

    rule = "forgejo_pull_request_changed"
    title = "Pull request changed"
    summary_template = "{who} {done} {request}"
    group_summary_template = "{who:people} {done:alike} {request:pull requests}"
    severity = Severity.DEBUG
    example = about("label_updated")


class Review(PullRequest):
    """Somebody reviewed a pull request."""

    def participants(self, m: MessageReader) -> Iterable[str]:
        yield from super().participants(m)
        yield login(payload(m), "review", "user")

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (self.long(m),)

    def long(self, m: MessageReader) -> str:
        return payload(m).text("review", "content") or payload(m).text("review", "body")


class PullRequestApproved(Review):
    """Somebody approved a pull request."""

    topics = ("forgejo.pull_request_approved", "forgejo.pull_request_review_approved")
    title = "Pull request approved"
    summary_template = "{who} approved {request}"
    group_summary_template = "{who:people} approved {request:pull requests}"
    example = about("reviewed", review={"type": "pull_request_review_approved", "content": "Grows well."})


class PullRequestRejected(Review):
    """Somebody asked for changes in a pull request."""

    topics = ("forgejo.pull_request_rejected", "forgejo.pull_request_review_rejected")
    title = "Changes requested"
    summary_template = "{who} asked for changes in {request}"
    group_summary_template = "{who:people} asked for changes in {request:pull requests}"
    severity = Severity.WARNING
    example = about("reviewed", review={"type": "pull_request_review_rejected", "content": "More water."})


class PullRequestReviewed(Review):
    """Somebody commented on the code of a pull request."""

    topics = (
        "forgejo.pull_request_comment", "forgejo.pull_request_review_comment", "forgejo.pull_request_review")
    title = "Pull request reviewed"
    summary_template = "{who} reviewed {request}"
    group_summary_template = "{who:people} reviewed {request:pull requests}"
    example = about("reviewed", review={"type": "pull_request_review_comment", "content": "More water here?"})


EVENTS = (
    PullRequestOpened,
    PullRequestMerged,
    PullRequestClosed,
    PullRequestReopened,
    PullRequestUpdated,
    ReviewRequested,
    PullRequestApproved,
    PullRequestRejected,
    PullRequestReviewed,
    PullRequestChanged,
)
