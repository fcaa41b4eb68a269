from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fmn.catalog import Severity, catalog
from fmn.catalog.accounts_in_messages import avatar
from fmn.catalog.outcomes import subject_outcome
from tests.messages import described, facts, message

MOSS = {"name": "moss", "full_name": "mossers/moss", "html_url": "https://github.com/mossers/moss",
        "owner": {"login": "mossers"}}
#: As pushes describe repositories.
OLD_MOSS = {"name": "moss", "url": "https://github.com/mossers/moss", "owner": {"name": "mossers"}}
KNOWN = {"mossymary": "mary", "sam42": "sam", "mossers": "github_org_mossers"}
MARY = {"login": "mossymary"}
ISSUE = {"number": 4, "title": "Too dry", "body": "Dry.", "html_url": "https://github.com/mossers/moss/issues/4"}
REQUEST = {"number": 5, "title": "Water", "body": "Wet.", "html_url": "https://github.com/mossers/moss/pull/5"}


def sent(**body: Any) -> dict[str, Any]:
    return {"sender": MARY, "repository": MOSS, "fas_usernames": KNOWN, **body}


class TestPeople:
    def test_accounts_are_those_that_github2fedmsg_knows(self) -> None:
        known = facts("github.watch", sent())

        assert known.agent == "mary"
        assert known.usernames == {"mary", "sam"}
        assert known.packages == frozenset()

    def test_who_has_told_no_account_is_told_of_by_login(self) -> None:
        body = sent(sender={"login": "stranger"})

        assert facts("github.watch", body).agent is None
        assert described("github.watch", body).summary == "stranger began to watch mossers/moss"
        assert described("github.watch", body).secondary_icon == avatar("stranger")

    def test_organizations_are_nobody(self) -> None:
        body = sent(sender={"login": "mossers"}, fas_usernames={"mossers": "github_org_mossers"})

        assert facts("github.public", body).agent is None
        assert facts("github.public", body).usernames == frozenset()


class TestPushes:
    def test_a_push_has_its_commits(self) -> None:
        commit = {"message": "Grow\n\nFaster.", "author": {"name": "Mary", "username": "mossymary"}}
        body = {
            "pusher": {"name": "mossymary"}, "repository": OLD_MOSS, "fas_usernames": KNOWN,
            "ref": "refs/heads/main", "commits": [commit, {"message": "Grow more"}],
            "compare": "https://github.com/mossers/moss/compare/1f2e...3d4c"}
        told = described("github.push", body)

        assert facts("github.push", body).agent == "mary"
        assert told.summary == "mary pushed 2 commits to mossers/moss (main)"
        assert told.link == "https://github.com/mossers/moss/compare/1f2e...3d4c"
        assert told.long == "- Grow (Mary)\n- Grow more"

    def test_a_single_commit_has_a_title(self) -> None:
        body = sent(ref="refs/heads/main", commits=[{"message": "Grow\n\nFaster."}])

        assert described("github.push", body).summary == 'mary pushed 1 commit to mossers/moss (main): "Grow"'

    def test_a_branch_may_be_deleted_by_a_push(self) -> None:
        body = sent(ref="refs/heads/south", commits=[], deleted=True)

        assert described("github.push", body).summary == "mary deleted south of mossers/moss"

    @pytest.mark.parametrize(("body", "summary", "link"), [
        ({"ref": "south", "ref_type": "branch"}, "mary made the branch south in mossers/moss", "/tree/south"),
        ({"ref": "2.4", "ref_type": "tag"}, "mary made the tag 2.4 in mossers/moss", "/tree/2.4"),
        ({"ref": None, "ref_type": "repository"}, "mary made the repository mossers/moss", ""),
    ])
    def test_branches_tags_and_repositories_are_made(
        self, body: dict[str, Any], summary: str, link: str,
    ) -> None:
        told = described("github.create", sent(**body))

        assert told.summary == summary
        assert told.link == f"https://github.com/mossers/moss{link}"


class TestTalk:
    @pytest.mark.parametrize(("title", "body", "summary"), [
        ("issue.opened", {}, 'mary opened the issue mossers/moss#4 "Too dry"'),
        ("issue.closed", {}, 'mary closed the issue mossers/moss#4 "Too dry"'),
        ("issue.milestoned", {}, 'mary milestoned the issue mossers/moss#4 "Too dry"'),
        ("issue.assigned", {"assignee": {"login": "sam42"}},
         'mary assigned the issue mossers/moss#4 "Too dry" to sam'),
        ("issue.labeled", {"label": {"name": "easyfix"}},
         'mary gave the issue mossers/moss#4 "Too dry" the label easyfix'),
        ("issue.comment", {"action": "created"}, 'mary commented on the issue mossers/moss#4 "Too dry"'),
        ("issue.comment", {"action": "edited"},
         'mary edited a comment on the issue mossers/moss#4 "Too dry"'),
    ])
    def test_what_happens_to_issues_is_told(self, title: str, body: dict[str, Any], summary: str) -> None:
        told = described(f"github.{title}", sent(issue=ISSUE, **body))

        assert told.summary == summary
        assert told.link == "https://github.com/mossers/moss/issues/4"

    def test_pull_requests_are_issues_to_their_comments(self) -> None:
        body = sent(issue={**REQUEST, "pull_request": {"html_url": REQUEST["html_url"]}}, comment={
            "body": "Nice.", "html_url": "https://github.com/mossers/moss/pull/5#issuecomment-1"})
        told = described("github.issue.comment", body)

        assert told.summary == 'mary commented on the pull request mossers/moss#5 "Water"'
        assert told.link == "https://github.com/mossers/moss/pull/5#issuecomment-1"
        assert told.long == "Nice."

    @pytest.mark.parametrize(("title", "body", "did"), [
        ("pull_request.opened", {}, "opened {}"),
        ("pull_request.closed", {"pull_request": {**REQUEST, "merged": True}}, "merged {}"),
        ("pull_request.closed", {"pull_request": REQUEST}, "closed {} without merging it"),
        ("pull_request.synchronize", {}, "updated the commits of {}"),
        ("pull_request.review_requested", {}, "asked for a review of {}"),
        ("pull_request_review", {"review": {"state": "changes_requested"}}, "asked for changes in {}"),
        ("pull_request_review", {"review": {"state": "commented"}}, "reviewed {}"),
        ("pull_request_review_comment", {"action": "created"}, "commented on {}"),
    ])
    def test_what_happens_to_pull_requests_is_told(self, title: str, body: dict[str, Any], did: str) -> None:
        told = described(f"github.{title}", sent(**{"pull_request": REQUEST, **body}))

        assert told.summary == f"mary {did}".replace("{}", 'the pull request mossers/moss#5 "Water"')


@pytest.mark.parametrize(("title", "body", "summary", "link"), [
    ("delete", {"ref": "south", "ref_type": "branch"}, "mary deleted the branch south of mossers/moss",
     "https://github.com/mossers/moss"),
    ("fork", {"forkee": {"full_name": "mossymary/moss", "html_url": "https://github.com/mossymary/moss"}},
     "mary forked mossers/moss to mossymary/moss", "https://github.com/mossymary/moss"),
    ("status", {"sha": "1f2e3d4c5b6a", "state": "failure", "context": "ci", "target_url": "https://ci.org/1"},
     "ci set the status of the commit 1f2e3d4c of mossers/moss to failure", "https://ci.org/1"),
    ("watch", {}, "mary began to watch mossers/moss", "https://github.com/mossers/moss/watchers"),
    ("star", {"action": "started"}, "mary starred mossers/moss", "https://github.com/mossers/moss/stargazers"),
    ("star", {"action": "deleted"}, "mary took back their star from mossers/moss",
     "https://github.com/mossers/moss/stargazers"),
    ("member", {"action": "added", "member": {"login": "tom7"}},
     "mary added tom7 as a collaborator on mossers/moss", "https://github.com/mossers/moss"),
    ("page_build", {"build": {"status": "errored", "error": {"message": "No page"}}},
     'mary had the pages of mossers/moss built: errored: "No page"', "http://mossers.github.io/moss/"),
    ("deployment_status",
     {"deployment": {"environment": "prod"},
      "deployment_status": {"state": "failure", "target_url": "https://moss.org", "creator": MARY}},
     "The deployment of mossers/moss to prod by mary: failure", "https://moss.org"),
    ("webhook", {"repository": None, "compare": "https://github.com/mossers/moss"},
     "mary asked GitHub to send messages about mossers/moss", "https://github.com/mossers/moss"),
])
def test_what_happens_to_repositories_is_told(
    title: str, body: dict[str, Any], summary: str, link: str,
) -> None:
    told = described(f"github.{title}", sent(**body))

    assert told.summary == summary
    assert told.link == link


def hook(agent: str = "mary", **body: Any) -> dict[str, Any]:
    """What's published of a webhook: GitHub's JSON, wrapped."""
    return {
        "body": {"sender": MARY, "repository": MOSS, **body},
        "headers": {"x-github-event": "push"}, "agent": agent}


BY_ALICE = {**REQUEST, "user": {"login": "alice"}, "assignees": [{"login": "bob"}],
            "requested_reviewers": [{"login": "carol"}]}


class TestWebhooks:
    @pytest.mark.parametrize(("event", "body", "name", "summary"), [
        ("issues", {"action": "opened", "issue": ISSUE}, "github_issue_opened",
         'mary opened the issue mossers/moss#4 "Too dry"'),
        ("issues", {"action": "labeled", "issue": ISSUE, "label": {"name": "easyfix"}},
         "github_issue_labeled", 'mary gave the issue mossers/moss#4 "Too dry" the label easyfix'),
        ("issues", {"action": "pinned", "issue": ISSUE}, "github_issue_any",
         'mary pinned the issue mossers/moss#4 "Too dry"'),
        ("issue_comment", {"action": "created", "issue": ISSUE}, "github_issue_comment",
         'mary commented on the issue mossers/moss#4 "Too dry"'),
        ("pull_request", {"action": "closed", "pull_request": {**REQUEST, "merged": True}},
         "github_pull_request_closed", 'mary merged the pull request mossers/moss#5 "Water"'),
        ("pull_request", {"action": "ready_for_review", "pull_request": REQUEST}, "github_pull_request_any",
         'mary finished the draft of the pull request mossers/moss#5 "Water"'),
        ("pull_request_review",
         {"action": "submitted", "pull_request": REQUEST, "review": {"state": "approved"}},
         "github_pull_request_review", 'mary approved the pull request mossers/moss#5 "Water"'),
        ("workflow_run", {"action": "completed", "workflow_run": {
            "name": "Tests", "head_branch": "main", "conclusion": "failure"}},
         "github_workflow_failed", "The workflow Tests of mossers/moss (main) failed"),
        ("workflow_run", {"action": "requested", "workflow_run": {"name": "Tests"}},
         "github_workflow_run", "The workflow Tests of mossers/moss was requested"),
        ("discussion", {"action": "created", "discussion": {"number": 7, "title": "Why?"}},
         "github_discussion_created", 'mary started the discussion mossers/moss#7 "Why?"'),
        ("deploy_key", {"action": "created"}, "github_other",
         'mary caused the event "deploy key created" in mossers/moss'),
    ])
    def test_are_told_by_what_was_done(
        self, event: str, body: dict[str, Any], name: str, summary: str,
    ) -> None:
        assert facts(f"github.{event}", hook(**body)).event.name == name
        assert described(f"github.{event}", hook(**body)).summary == summary

    def test_name_the_account_of_who_sent_it_and_nobody_else_s(self) -> None:
        # Logins at GitHub aren't accounts.
        known = facts("github.pull_request", hook(action="opened", pull_request=BY_ALICE))

        assert known.agent == "mary"
        assert known.usernames == {"mary"}

    def test_that_were_set_up_here_concern_all_who_take_part(self) -> None:
        # Given a webhook whose logins are accounts, so that the sender's is the agent
        comment = {"user": MARY, "body": "Look, @dave!"}
        body = hook("mossymary", action="created", issue=BY_ALICE, comment=comment)
        known = catalog().facts(replace(message("github.issue_comment", body), source="hook:moss"))

        assert known.agent == "mossymary"
        assert known.usernames == {"mossymary", "alice", "bob", "carol", "dave"}

    def test_of_a_workflow_that_failed_concern_whose_push_it_ran_for(self) -> None:
        body = hook(action="completed", sender={"login": "ci"}, agent="ci", workflow_run={
            "name": "Tests", "conclusion": "timed_out", "head_branch": "main", "actor": {"login": "alice"}})
        known = catalog().facts(replace(message("github.workflow_run", body), source="hook:moss"))

        assert known.usernames == {"ci", "alice"}
        assert known.event.severity is Severity.ERROR
        assert subject_outcome(known) is not None
