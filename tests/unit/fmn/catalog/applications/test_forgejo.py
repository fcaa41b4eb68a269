from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Facts, Message, Package, Severity, catalog
from fmn.catalog.accounts_in_messages import avatar
from fmn.catalog.events import Outcome
from fmn.catalog.outcomes import subject_outcome
from tests.messages import NOON, described, facts

FEDORA = "https://forge.fedoraproject.org"
ELSEWHERE = "https://codeberg.org"
MARY, SAM, TOM = {"login": "mary"}, {"login": "sam"}, {"username": "tom"}


def repository(name: str = "mossers/moss", root: str = FEDORA, **more: Any) -> dict[str, Any]:
    return {"full_name": name, "name": name.rpartition("/")[2], "html_url": f"{root}/{name}", **more}


def sent(agent: str | None = None, **body: Any) -> dict[str, Any]:
    return {"agent": agent, "headers": {}, "body": {"sender": MARY, "repository": repository(), **body}}


ISSUE = {"number": 4, "title": "Too dry", "body": "Ask @ann.", "user": SAM,
         "html_url": f"{FEDORA}/mossers/moss/issues/4"}
REQUEST = {"number": 5, "title": "Water", "body": "Wet.", "user": SAM, "merged": False,
           "requested_reviewers": [TOM], "html_url": f"{FEDORA}/mossers/moss/pulls/5"}


class TestPeople:
    def test_at_fedora_s_forge_logins_are_accounts(self) -> None:
        known = facts("forgejo.pull_request", sent(action="synchronized", pull_request=REQUEST))

        assert known.agent == "mary"
        assert known.usernames == {"mary", "sam", "tom"}

    def test_elsewhere_only_the_account_that_the_publisher_names_is_known(self) -> None:
        body = sent("mary-of-fedora", action="edited", repository=repository(root=ELSEWHERE), issue=ISSUE)
        known = facts("forgejo.issues", body)

        assert known.agent == "mary-of-fedora"
        assert known.usernames == {"mary-of-fedora"}
        assert described("forgejo.issues", body).summary.startswith("mary-of-fedora edited")

    def test_elsewhere_who_caused_their_own_event_is_the_one_that_the_publisher_names(self) -> None:
        body = sent("mary-of-fedora", repository=repository(root=ELSEWHERE), action="closed",
                    issue={**ISSUE, "user": MARY})

        assert facts("forgejo.issues", body).usernames == {"mary-of-fedora"}

    def test_elsewhere_nobody_is_known_without_an_account(self) -> None:
        body = sent(action="closed", repository=repository(root=ELSEWHERE), issue=ISSUE)

        assert facts("forgejo.issues", body).agent is None
        assert facts("forgejo.issues", body).usernames == frozenset()
        assert described("forgejo.issues", body).summary == 'mary closed the issue mossers/moss#4 "Too dry"'
        assert described("forgejo.issues", body).secondary_icon == avatar("mary")

    @pytest.mark.parametrize(("agent", "usernames"), [("mary", {"mary", "sam"}), (None, set())])
    def test_in_a_webhook_of_ours_logins_are_accounts_if_the_sender_s_is(
        self, agent: str | None, usernames: set[str],
    ) -> None:
        body = sent(agent, action="closed", repository=repository(root=ELSEWHERE), issue=ISSUE)
        message = Message("1", "org.example.prod.forgejo.issues", NOON, body, source="hook:moss")

        assert catalog().facts(message).usernames == usernames

    def test_who_is_mentioned_is_concerned(self) -> None:
        comment = {"body": "What does @ann say, or ann@example.org?", "user": MARY}

        assert facts("forgejo.issue_comment", sent(issue=ISSUE, comment=comment)).usernames == {
            "mary", "sam", "ann"}
        assert facts("forgejo.issues", sent(action="opened", issue=ISSUE)).usernames == {"mary", "sam", "ann"}

    def test_authors_of_pushed_commits_are_concerned(self) -> None:
        commits = [{"id": "1f", "author": {"name": "Ann", "email": "ann@fedoraproject.org", "username": ""}},
                   {"id": "2e", "author": {"name": "Tom", "username": "tom"}}]

        assert facts("forgejo.push", sent(pusher=MARY, commits=commits)).usernames == {"mary", "ann", "tom"}


@pytest.mark.parametrize(("name", "fork", "expected"), [
    ("rpms/moss", False, {Package("rpms", "moss")}),
    ("rpms/moss", True, set()),
    ("mary/moss", True, set()),
    ("mossers/moss", False, set()),
])
def test_a_package_s_repository_is_about_the_package(name: str, fork: bool, expected: set[Package]) -> None:
    body = sent(action="opened", repository=repository(name, fork=fork), pull_request=REQUEST)

    assert facts("forgejo.pull_request", body).packages == expected


@pytest.mark.parametrize(("action", "severity", "summary"), [
    ("opened", "info", "mary opened {}"),
    ("closed", "info", "mary closed {}"),
    ("reopened", "info", "mary reopened {}"),
    ("assigned", "info", "mary assigned {} to tom"),
    ("unassigned", "info", "mary unassigned {}"),
    ("label_updated", "debug", "mary changed the labels of {}"),
    ("milestoned", "debug", "mary set the milestone of {}"),
    ("deleted", "warning", "mary deleted {}"),
    ("pinned", "debug", "mary pinned {}"),
    ("rm -rf", "debug", "mary changed {}"),
])
def test_what_happens_to_issues_is_told(action: str, severity: str, summary: str) -> None:
    told = described("forgejo.issues", sent(action=action, issue={**ISSUE, "assignees": [TOM]}))

    assert told.summary == summary.replace("{}", 'the issue mossers/moss#4 "Too dry"')
    assert told.severity == severity
    assert told.link == told.thread == ISSUE["html_url"]


@pytest.mark.parametrize(("issue", "action", "summary"), [
    (ISSUE, "created", 'commented on the issue mossers/moss#4 "Too dry"'),
    (ISSUE, "edited", 'edited a comment on the issue mossers/moss#4 "Too dry"'),
    ({**ISSUE, "pull_request": {"merged": False}}, "created",
     'commented on the pull request mossers/moss#4 "Too dry"'),
])
def test_comments_are_on_issues_and_pull_requests(issue: dict[str, Any], action: str, summary: str) -> None:
    comment = {"body": "Yes.", "user": MARY, "html_url": f"{ISSUE['html_url']}#issuecomment-9"}
    told = described("forgejo.issue_comment", sent(action=action, issue=issue, comment=comment))

    assert told.summary == f"mary {summary}"
    assert told.long == "Yes."
    assert (told.link, told.thread) == (comment["html_url"], ISSUE["html_url"])


@pytest.mark.parametrize(("title", "body", "summary", "event"), [
    ("pull_request", {"action": "opened"}, "opened {}", "forgejo_pull_request_opened"),
    ("pull_request", {"action": "closed"}, "closed {} without merging it", "forgejo_pull_request_closed"),
    ("pull_request", {"action": "closed", "pull_request": {**REQUEST, "merged": True}}, "merged {}",
     "forgejo_pull_request_merged"),
    ("pull_request", {"action": "reopened"}, "reopened {}", "forgejo_pull_request_reopened"),
    ("pull_request", {"action": "synchronized"}, "updated the commits of {}", "forgejo_pull_request_updated"),
    ("pull_request", {"action": "review_requested", "requested_reviewer": TOM},
     "asked tom for a review of {}", "forgejo_review_requested"),
    ("pull_request", {"action": "label_cleared"}, "removed the labels of {}",
     "forgejo_pull_request_changed"),
    ("pull_request_approved", {"action": "reviewed"}, "approved {}", "forgejo_pull_request_approved"),
    ("pull_request_rejected", {"action": "reviewed"}, "asked for changes in {}",
     "forgejo_pull_request_rejected"),
    ("pull_request_comment", {"action": "reviewed"}, "reviewed {}", "forgejo_pull_request_comment"),
])
def test_what_happens_to_pull_requests_is_told(
    title: str, body: dict[str, Any], summary: str, event: str,
) -> None:
    whole = sent(**{"pull_request": REQUEST, **body})
    told = described(f"forgejo.{title}", whole)

    assert told.summary == f"mary {summary}".replace("{}", 'the pull request mossers/moss#5 "Water"')
    assert told.kind == event
    assert told.link == told.thread == REQUEST["html_url"]


def run(status: str, **more: Any) -> dict[str, Any]:
    return {"agent": None, "headers": {}, "body": {"action": status, "run": {
        "title": "Water", "workflow_id": "leaves.yaml", "prettyref": "main", "trigger_user": MARY,
        "html_url": f"{FEDORA}/mossers/moss/actions/runs/7", "repository": repository(), **more}}}


def outcome_of(known: Facts) -> tuple[Outcome, str]:
    found = subject_outcome(known)
    assert found
    return found.outcome, found.key


class TestWorkflows:
    def test_a_failed_workflow_is_severe_until_it_works_again(self) -> None:
        told = described("forgejo.action_run_failure", run("failure"))
        failed, recovered, elsewhere = (
            outcome_of(facts(f"forgejo.action_run_{kind}", run("success", **more)))
            for kind, more in (("failure", {}), ("recover", {}), ("success", {"prettyref": "south"})))

        assert told.summary == 'The workflow leaves.yaml of mossers/moss (main) failed: "Water"'
        assert told.severity is Severity.ERROR
        assert (failed[0], recovered[0]) == (Outcome.FAILED, Outcome.SUCCEEDED)
        assert failed[1] == recovered[1] != elsewhere[1]

    def test_who_started_it_is_concerned(self) -> None:
        assert facts("forgejo.action_run_success", run("success")).usernames == {"mary"}

    def test_other_states_are_told_too(self) -> None:
        assert described("forgejo.action_run_skipped", run("skipped")).kind == "forgejo_action_run_other"
        assert described("forgejo.workflow_job", {"body": {"workflow_job": {"name": "leaves"}}}).summary == (
            "The workflow leaves of a repository changed its state")


@pytest.mark.parametrize(("title", "body", "summary", "link"), [
    ("push", {"ref": "refs/heads/main", "compare_url": f"{FEDORA}/c", "total_commits": 9,
              "commits": [{"message": "Grow"}, {"message": "Dry"}]},
     "mary pushed 9 commits to mossers/moss (main)", f"{FEDORA}/c"),
    ("push", {"ref": "refs/heads/main", "commits": [{"message": "Grow\n\nMore."}]},
     'mary pushed 1 commit to mossers/moss (main): "Grow"', f"{FEDORA}/mossers/moss"),
    ("create", {"ref": "south", "ref_type": "branch"}, "mary made the branch south in mossers/moss",
     f"{FEDORA}/mossers/moss/src/branch/south"),
    ("create", {"ref": "2.4", "ref_type": "tag"}, "mary made the tag 2.4 in mossers/moss",
     f"{FEDORA}/mossers/moss/src/tag/2.4"),
    ("delete", {"ref": "south", "ref_type": "branch"}, "mary deleted the branch south of mossers/moss",
     f"{FEDORA}/mossers/moss"),
    ("fork", {"forkee": repository(), "repository": repository("mary/moss", fork=True)},
     "mary forked mossers/moss to mary/moss", f"{FEDORA}/mary/moss"),
    ("release", {"action": "published", "release": {"tag_name": "2.4", "html_url": f"{FEDORA}/r"}},
     'mary published the release "2.4" of mossers/moss', f"{FEDORA}/r"),
    ("wiki", {"action": "edited", "page": "Watering"},
     "mary edited the page Watering in the wiki of mossers/moss", f"{FEDORA}/mossers/moss/wiki/Watering"),
    ("repository", {"action": "created"}, "mary made the repository mossers/moss", f"{FEDORA}/mossers/moss"),
    ("repository", {"action": "deleted"}, "mary deleted the repository mossers/moss",
     f"{FEDORA}/mossers/moss"),
    ("package", {"action": "created", "package": {"type": "pypi", "name": "moss", "version": "2.4"}},
     "mary uploaded the pypi package moss 2.4", f"{FEDORA}/mossers/moss"),
    ("status", {"sha": "1f2e3d4c5b6a", "state": "failure", "context": "ci", "target_url": "https://ci.org/1"},
     "ci set the status of the commit 1f2e3d4c of mossers/moss to failure", "https://ci.org/1"),
    ("topics", {}, "mary caused the event topics in mossers/moss", f"{FEDORA}/mossers/moss"),
])
def test_what_happens_in_repositories_is_told(
    title: str, body: dict[str, Any], summary: str, link: str,
) -> None:
    told = described(f"forgejo.{title}", sent(**body))

    assert told.summary == summary
    assert told.link == link


@pytest.mark.parametrize("title", ["push", "create", "delete", "fork", "repository", "status", "topics"])
def test_what_happens_in_a_repository_at_large_has_no_thread(title: str) -> None:
    assert described(f"forgejo.{title}", sent(ref="main")).thread == ""


def test_commits_and_branches_are_told_at_length() -> None:
    commits = [{"message": "Grow\n\nFaster.", "author": {"name": "Mary"}}]
    request = {**REQUEST, "additions": 3, "deletions": 1,
               "head": {"ref": "water", "repo": {"full_name": "sam/moss"}}, "base": {"ref": "main"}}

    assert described("forgejo.push", sent(commits=commits)).long == "- Grow (Mary)"
    assert described("forgejo.pull_request", sent(action="opened", pull_request=request)).long == (
        "From: sam/moss:water\nTo: main\nLines: +3, -1\n\nWet.")
