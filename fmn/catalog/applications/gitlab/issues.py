"""Issues and comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fmn.catalog.applications.gitlab.base import ALWAYS, GITLAB, SAM, GitLab, participants_of
from fmn.catalog.events import Severity
from fmn.catalog.forges import done, login, named_commit, numbered, payload, wrapped
from fmn.catalog.message_reader import MessageReader
from fmn.text import join_series

#: What was done, by GitLab's word for it.
DONE: Mapping[str, str] = {"update": "changed", "open": "opened", "close": "closed", "reopen": "reopened"}

#: Made up for examples.
ISSUE: dict[str, Any] = {
    "id": 1031, "iid": 4, "title": "Too dry on the south side", "author_id": 48, "state": "opened",
    "description": "Moss doesn't grow where it's dry.", "url": f"{GITLAB}/mossers/moss/-/issues/4",
}


def about(action: str, **more: Any) -> Mapping[str, Any]:
    """An example: somebody did something with an issue."""
    return wrapped({
        "object_kind": "issue", **ALWAYS, "assignees": [SAM], **more,
        "object_attributes": {**ISSUE, "action": action}})


class Issue(GitLab):
    """Something happened to an issue."""

    threaded = True
    topics = ("gitlab.issue", "gitlab.work_item", "gitlab.confidential_issue")
    example = about("open")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        issue = self.attributes(m)
        named = numbered(self.repository(m).name, issue.text("iid"), issue.text("title"))
        assignees = (self.called(m, login(each)) for each in payload(m).nodes("assignees"))
        return {
            **super().template_values(m),
            "issue": f"the issue {named}" if named else "an issue",
            "assignees": join_series(assignees) or "nobody",
            "done": done(self.action(m), DONE),
        }


class IssueOpened(Issue):
    """Somebody opened an issue."""

    rule = "gitlab_issue_opened"
    title = "New issue"
    actions = frozenset({"open"})
    summary_template = "{who} opened {issue}"
    group_summary_template = "{who:people} opened {issue:issues}"

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (self.long(m),)

    def long(self, m: MessageReader) -> str:
        return self.attributes(m).text("description")


class IssueClosed(Issue):
    """Somebody closed an issue."""

    rule = "gitlab_issue_closed"
    title = "Issue closed"
    actions = frozenset({"close"})
    summary_template = "{who} closed {issue}"
    group_summary_template = "{who:people} closed {issue:issues}"
    example = about("close")


class IssueReopened(Issue):
    """Somebody opened a closed issue again."""

    rule = "gitlab_issue_reopened"
    title = "Issue reopened"
    actions = frozenset({"reopen"})
    summary_template = "{who} reopened {issue}"
    group_summary_template = "{who:people} reopened {issue:issues}"
    example = about("reopen")


class IssueAssigned(Issue):
    """Somebody was made responsible for an issue, or no longer is."""

    rule = "gitlab_issue_assigned"
    title = "Issue assigned"
    actions = frozenset({"update"})
    summary_template = "{who} assigned {issue} to {assignees}"
    group_summary_template = "{who:people} assigned {issue:issues} to {assignees:people}"
    example = about("update", changes={"assignees": {"previous": [], "current": [SAM]}})

    def matches(self, m: MessageReader) -> bool:
        return super().matches(m) and payload(m).has("changes", "assignees")

    def participants(self, m: MessageReader) -> Iterable[str]:
        yield from super().participants(m)
        yield from (login(each) for each in payload(m).nodes("changes", "assignees", "previous"))


class IssueChanged(Issue):
    """Somebody edited an issue, or changed its labels or milestone."""

    rule = "gitlab_issue_changed"
    title = "Issue changed"
    summary_template = "{who} {done} {issue}"
    group_summary_template = "{who:people} {done:alike} {issue:issues}"
    severity = Severity.DEBUG
    example = about("update", changes={"title": {"previous": "Too dry", "current": ISSUE["title"]}})


#: What a comment is on, and the sign before its number.
COMMENTED: Mapping[str, tuple[str, str]] = {
    "issue": ("the issue", "#"), "merge_request": ("the merge request", "!"), "snippet": ("the snippet", "$"),
}


class Note(GitLab):
    """Somebody commented on an issue, a merge request, a commit or a snippet."""

    threaded = True
    topics = ("gitlab.note", "gitlab.confidential_note")
    title = "Comment"
    summary_template = "{who} {commented} {thing}"
    group_summary_template = "{who:people} {commented:alike} {thing:issues and merge requests}"
    example = wrapped({
        "object_kind": "note", **ALWAYS, "issue": {**ISSUE, "assignee": SAM}, "object_attributes": {
            "id": 99, "note": "A drop a day will do.", "noteable_type": "Issue", "action": "create",
            "author_id": 47, "url": f"{GITLAB}/mossers/moss/-/issues/4#note_99"}})

    def participants(self, m: MessageReader) -> Iterator[str]:
        for key in COMMENTED:
            yield from participants_of(payload(m), payload(m).at(key))

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (self.long(m),)

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield from super().usernames(m)
        yield m.account(payload(m).text("commit", "author", "email"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "commented": "edited a comment on" if self.action(m) == "update" else "commented on",
            "thing": self._thing(m),
        }

    def _thing(self, m: MessageReader) -> str:
        sent, repository = payload(m), self.repository(m)
        for key, (name, sign) in COMMENTED.items():
            thing = sent.at(key)
            number = thing.text("iid") or thing.text("id")
            if number:
                return f"{name} {numbered(repository.name, number, thing.text('title'), sign)}"
        commit = named_commit(sent.text("commit", "id"))
        return f"{commit} of {repository.name}" if repository.name else commit

    def long(self, m: MessageReader) -> str:
        return self.attributes(m).text("note")


EVENTS = (IssueOpened, IssueClosed, IssueReopened, IssueAssigned, IssueChanged, Note)
