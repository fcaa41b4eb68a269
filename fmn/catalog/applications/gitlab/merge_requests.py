"""Merge requests: opened, approved, merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.applications.gitlab.base import ALWAYS, GITLAB, PROJECT, SAM, GitLab
from fmn.catalog.applications.gitlab.issues import DONE
from fmn.catalog.commits import REVISION
from fmn.catalog.events import Severity
from fmn.catalog.forges import done, login, numbered, payload, wrapped
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import join_series, labelled, paragraphs

#: Made up for examples.
MERGE_REQUEST: dict[str, Any] = {
    "id": 2031, "iid": 12, "title": "Water the south side", "description": "It's dry there.",
    "author_id": 48, "state": "opened", "url": f"{GITLAB}/mossers/moss/-/merge_requests/12",
    "source_branch": "water", "target_branch": "main", "source": {"path_with_namespace": "sam42/moss"},
    "target": {"path_with_namespace": "mossers/moss"}, "last_commit": {"id": REVISION},
}


def about(action: str, sent: Mapping[str, Any] | None = None, **more: Any) -> Mapping[str, Any]:
    """An example: somebody did something with a merge request."""
    return wrapped({
        "object_kind": "merge_request", **ALWAYS, "project": PROJECT, "assignees": [SAM], "reviewers": [],
        **(sent or {}), "object_attributes": {**MERGE_REQUEST, "action": action, **more}})


class MergeRequest(GitLab):
    """Something happened to a merge request."""

    threaded = True
    topics = ("gitlab.merge_request",)
    example = about("open")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        request = self.attributes(m)
        named = numbered(self.repository(m).name, request.text("iid"), request.text("title"), "!")
        return {
            **super().template_values(m),
            "request": f"the merge request {named}" if named else "a merge request",
            "done": done(self.action(m), DONE),
        }


class MergeRequestOpened(MergeRequest):
    """Somebody opened a merge request."""

    rule = "gitlab_merge_request_opened"
    title = "New merge request"
    actions = frozenset({"open"})
    summary_template = "{who} opened {request}"
    group_summary_template = "{who:people} opened {request:merge requests}"

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (self.attributes(m).text("description"),)

    def long(self, m: MessageReader) -> str:
        request = self.attributes(m)
        branches = labelled(From=_branch(request, "source"), To=_branch(request, "target"))
        return paragraphs(branches, request.text("description"))


def _branch(request: JsonNode, end: str) -> str:
    return ":".join(filter(None, (
        request.text(end, "path_with_namespace"), request.text(f"{end}_branch"))))


class MergeRequestMerged(MergeRequest):
    """Somebody merged a merge request."""

    rule = "gitlab_merge_request_merged"
    title = "Merge request merged"
    actions = frozenset({"merge"})
    summary_template = "{who} merged {request}"
    group_summary_template = "{who:people} merged {request:merge requests}"
    example = about("merge", state="merged")


class MergeRequestClosed(MergeRequest):
    """Somebody closed a merge request without merging it."""

    rule = "gitlab_merge_request_closed"
    title = "Merge request closed"
    actions = frozenset({"close"})
    summary_template = "{who} closed {request} without merging it"
    group_summary_template = "{who:people} closed {request:merge requests}"
    severity = Severity.WARNING
    example = about("close", state="closed")


class MergeRequestReopened(MergeRequest):
    """Somebody opened a closed merge request again."""

    rule = "gitlab_merge_request_reopened"
    title = "Merge request reopened"
    actions = frozenset({"reopen"})
    summary_template = "{who} reopened {request}"
    group_summary_template = "{who:people} reopened {request:merge requests}"
    example = about("reopen")


class MergeRequestApproved(MergeRequest):
    """Somebody approved a merge request."""

    rule = "gitlab_merge_request_approved"
    title = "Merge request approved"
    actions = frozenset({"approved", "approval"})
    summary_template = "{who} approved {request}"
    group_summary_template = "{who:people} approved {request:merge requests}"
    example = about("approved")


class MergeRequestUnapproved(MergeRequest):
    """Somebody took back their approval of a merge request."""

    rule = "gitlab_merge_request_unapproved"
    title = "Approval taken back"
    actions = frozenset({"unapproved", "unapproval"})
    summary_template = "{who} took back their approval of {request}"
    group_summary_template = "{who:people} took back their approval of {request:merge requests}"
    severity = Severity.WARNING
    example = about("unapproved")


class MergeRequestUpdated(MergeRequest):
    """The commits of a merge request changed."""

    rule = "gitlab_merge_request_updated"
    title = "Merge request updated"
    actions = frozenset({"update"})
    summary_template = "{who} updated the commits of {request}"
    group_summary_template = "{who:people} updated the commits of {request:merge requests}"
    example = about("update", oldrev="0b5e65479e4bd91554d8d3084bf378ffb6e4ef60")

    def matches(self, m: MessageReader) -> bool:
        return super().matches(m) and bool(self.attributes(m).text("oldrev"))


class ReviewRequested(MergeRequest):
    """Somebody was asked for a review of a merge request."""

    rule = "gitlab_review_requested"
    title = "Review requested"
    actions = frozenset({"update"})
    summary_template = "{who} asked {reviewers} for a review of {request}"
    group_summary_template = "{who:people} asked for reviews of {request:merge requests}"
    example = about("update", {
        "reviewers": [SAM], "changes": {"reviewers": {"previous": [], "current": [SAM]}}})

    def matches(self, m: MessageReader) -> bool:
        return super().matches(m) and payload(m).has("changes", "reviewers")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        reviewers = join_series(self.called(m, login(each)) for each in payload(m).nodes("reviewers"))
        return {**super().template_values(m), "reviewers": reviewers or "nobody"}


class MergeRequestChanged(MergeRequest):
    """Somebody edited or assigned a merge request, or changed its labels or milestone."""

    rule = "gitlab_merge_request_changed"
    title = "Merge request changed"
    summary_template = "{who} {done} {request}"
    group_summary_template = "{who:people} {done:alike} {request:merge requests}"
    severity = Severity.DEBUG
    example = about("update")


EVENTS = (
    MergeRequestOpened,
    MergeRequestMerged,
    MergeRequestClosed,
    MergeRequestReopened,
    MergeRequestApproved,
    MergeRequestUnapproved,
    MergeRequestUpdated,
    ReviewRequested,
    MergeRequestChanged,
)
