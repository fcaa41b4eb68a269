"""Pull requests: opened, reviewed, tested, merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fmn.catalog.accounts_in_messages import mentions, person
from fmn.catalog.applications.pagure.base import (
    COMMENT,
    MARY,
    PROJECT,
    PULL_REQUEST,
    Pagure,
    comment_anchor,
    comment_of,
    numbered,
    participants_of,
    project_page,
    pull_request_of,
    tags_of,
)
from fmn.catalog.applications.pagure.flags import FLAG, about_flag, flag_words
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled, paragraphs


class PullRequest(Pagure):
    """Something happened to a pull request: its author and those who took part are concerned."""

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield self.agent(m)
        yield from participants_of(pull_request_of(m))

    def link(self, m: MessageReader) -> str:
        return project_page(m, "pull-request", pull_request_of(m).text("id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words = super().template_values(m)
        request = numbered(words["project"], pull_request_of(m))
        return {**words, "request": f"the pull request {request}" if request else "a pull request"}


class PullRequestNew(PullRequest):
    """Somebody opened a pull request."""

    topics = ("pagure.pull-request.new",)
    rule = "pagure_pull_request_new"
    title = "New pull request"
    summary_template = "{who} opened {request}"
    group_summary_template = "{who:people} opened {request:pull requests}"
    example = sample(agent="sam", pullrequest=PULL_REQUEST)

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield from super().usernames(m)
        yield from mentions(pull_request_of(m).text("initial_comment"))

    def long(self, m: MessageReader) -> str:
        request = pull_request_of(m)
        branches = labelled(From=request.text("branch_from"), To=request.text("branch"))
        return paragraphs(branches, request.text("initial_comment"))


class PullRequestClosed(PullRequest):
    """A pull request was merged, or closed without merging."""

    topics = ("pagure.pull-request.closed",)
    rule = "pagure_pull_request_closed"
    title = "Pull request merged or closed"
    summary_template = "{who} {did} {request}{without}"
    group_summary_template = "{who:people} {did:alike} {request:pull requests}"
    example = sample(agent="mary", merged=True, pullrequest={**PULL_REQUEST, "status": "Merged"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        merged = m.flag("merged")
        return {
            **super().template_values(m),
            "did": "merged" if merged else "closed",
            "without": "" if merged else " without merging it",
        }


class PullRequestReopened(PullRequest):
    """A closed pull request was opened again."""

    topics = ("pagure.pull-request.reopened",)
    title = "Pull request reopened"
    summary_template = "{who} reopened {request}"
    group_summary_template = "{who:people} reopened {request:pull requests}"
    example = sample(agent="mary", pullrequest=PULL_REQUEST)


class PullRequestUpdated(PullRequest):
    """The commits of a pull request changed."""

    topics = ("pagure.pull-request.updated",)
    title = "Pull request updated"
    summary_template = "{who} updated {request}"
    group_summary_template = "{who:people} updated {request:pull requests}"
    example = sample(agent="pagure", pullrequest=PULL_REQUEST)


class PullRequestRebased(PullRequest):
    """The commits of a pull request were put on top of newer ones."""

    topics = ("pagure.pull-request.rebased",)
    title = "Pull request rebased"
    summary_template = "{who} rebased {request}"
    group_summary_template = "{who:people} rebased {request:pull requests}"
    example = sample(agent="mary", pullrequest=PULL_REQUEST)


class PullRequestCommentEvent(PullRequest):
    """Something happened to a comment on a pull request: those whom it mentions are concerned, too."""

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield from super().usernames(m)
        yield from mentions(comment_of(m, pull_request_of(m)).text("comment"))

    def link(self, m: MessageReader) -> str:
        request = pull_request_of(m)
        anchor = comment_anchor(comment_of(m, request))
        return project_page(m, "pull-request", request.text("id"), anchor=anchor)

    def long(self, m: MessageReader) -> str:
        comment = comment_of(m, pull_request_of(m))
        place = labelled(File=comment.text("filename"), Line=comment.text("line"))
        return paragraphs(place, comment.text("comment"))


class PullRequestCommentAdded(PullRequestCommentEvent):
    """Somebody commented on a pull request."""

    topics = ("pagure.pull-request.comment.added",)
    rule = "pagure_pull_request_comment_added"
    title = "Comment on a pull request"
    summary_template = "{who} commented on {request}"
    group_summary_template = "{who:people} commented on {request:pull requests}"
    example = sample(agent="mary", pullrequest={**PULL_REQUEST, "comments": [COMMENT]})


class PullRequestCommentEdited(PullRequestCommentEvent):
    """Somebody edited a comment on a pull request."""

    topics = ("pagure.pull-request.comment.edited",)
    title = "Comment on a pull request edited"
    summary_template = "{who} edited a comment on {request}"
    group_summary_template = "{who:people} edited comments on {request:pull requests}"
    severity = Severity.DEBUG
    example = sample(agent="mary", comment=COMMENT, project=PROJECT, pullrequest=PULL_REQUEST)


class InitialCommentEdited(PullRequest):
    """Somebody edited what a pull request says of itself."""

    topics = ("pagure.pull-request.initial_comment.edited",)
    title = "Description of a pull request edited"
    summary_template = "{who} edited the description of {request}"
    group_summary_template = "{who:people} edited the descriptions of {request:pull requests}"
    severity = Severity.DEBUG
    example = sample(agent="sam", project=PROJECT, pullrequest=PULL_REQUEST)

    def long(self, m: MessageReader) -> str:
        return pull_request_of(m).text("initial_comment")


class PullRequestFlag(PullRequest):
    """A service said what it found in a pull request, such as a test's result."""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), **flag_words(m)}

    def long(self, m: MessageReader) -> str:
        return about_flag(m)


class PullRequestFlagAdded(PullRequestFlag):
    """A service began to say what it finds in a pull request."""

    topics = ("pagure.pull-request.flag.added",)
    rule = "pagure_pull_request_flag_added"
    title = "Pull request flagged"
    summary_template = "{service} flagged {request}{result}"
    group_summary_template = "{service:services} flagged {request:pull requests}{result}"
    example = sample(agent="mary", flag=FLAG, pullrequest=PULL_REQUEST)


class PullRequestFlagUpdated(PullRequestFlag):
    """A service changed what it had said of a pull request."""

    topics = ("pagure.pull-request.flag.updated",)
    rule = "pagure_pull_request_flag_updated"
    title = "Flag of a pull request updated"
    summary_template = "{service} updated its flag on {request}{result}"
    group_summary_template = "{service:services} updated flags on {request:pull requests}{result}"
    example = sample(agent="mary", flag=FLAG, pullrequest=PULL_REQUEST)


class PullRequestTags(PullRequest):
    """The tags of a pull request changed."""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "tags": tags_of(m)}


class PullRequestTagAdded(PullRequestTags):
    """Somebody tagged a pull request."""

    topics = ("pagure.pull-request.tag.added",)
    title = "Pull request tagged"
    summary_template = "{who} gave {request} {tags}"
    group_summary_template = "{who:people} tagged {request:pull requests}"
    example = sample(agent="mary", tags=["easyfix"], project=PROJECT, pull_request=PULL_REQUEST)


class PullRequestTagRemoved(PullRequestTags):
    """Somebody took tags from a pull request."""

    topics = ("pagure.pull-request.tag.removed",)
    title = "Pull request untagged"
    summary_template = "{who} removed {tags} from {request}"
    group_summary_template = "{who:people} removed tags from {request:pull requests}"
    example = sample(agent="mary", tags=["easyfix"], project=PROJECT, pull_request=PULL_REQUEST)


class PullRequestAssigned(PullRequest):
    """Somebody was made responsible for a pull request."""

    topics = ("pagure.pull-request.assigned.added", "pagure.request.assigned.added")
    title = "Pull request assigned"
    summary_template = "{who} assigned {request}{assignee}"
    group_summary_template = "{who:people} assigned {request:pull requests}{assignee}"
    example = sample(agent="mary", project=PROJECT, pullrequest={**PULL_REQUEST, "assignee": MARY})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        assignee = person(pull_request_of(m), "assignee")
        return {**super().template_values(m), "assignee": f" to {assignee}" if assignee else ""}


class PullRequestAssignmentReset(PullRequest):
    """Nobody is responsible for a pull request any more."""

    topics = ("pagure.pull-request.assigned.reset", "pagure.request.assigned.reset")
    title = "Pull request unassigned"
    summary_template = "{who} reset who's assigned to {request}"
    group_summary_template = "{who:people} reset who's assigned to {request:pull requests}"
    example = sample(agent="mary", project=PROJECT, pullrequest=PULL_REQUEST)


EVENTS = (
    PullRequestNew,
    PullRequestClosed,
    PullRequestReopened,
    PullRequestUpdated,
    PullRequestRebased,
    PullRequestCommentAdded,
    PullRequestCommentEdited,
    InitialCommentEdited,
    PullRequestFlagAdded,
    PullRequestFlagUpdated,
    PullRequestTagAdded,
    PullRequestTagRemoved,
    PullRequestAssigned,
    PullRequestAssignmentReset,
)
