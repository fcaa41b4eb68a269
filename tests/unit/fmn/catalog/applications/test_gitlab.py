from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Message, Package, Severity, catalog
from fmn.catalog.events import Outcome
from fmn.catalog.outcomes import subject_outcome
from tests.messages import NOON, described, facts

MOSS = "https://gitlab.com/mossers/moss"
MARY, SAM, TOM = ({"id": n, "username": name} for n, name in ((1, "mary"), (2, "sam"), (3, "tom")))
PROJECT = {"name": "Moss", "path_with_namespace": "mossers/moss", "web_url": MOSS}
NOTHING = "0" * 40


def sent(agent: str | None = None, **body: Any) -> dict[str, Any]:
    return {
        "agent": agent, "headers": {"x-gitlab-instance": "https://gitlab.example.org"},
        "body": {"user": MARY, "project": PROJECT, **body}}


def thing(action: str, **more: Any) -> dict[str, Any]:
    return {"iid": 4, "title": "Too dry", "description": "Dry.", "url": f"{MOSS}/-/issues/4", "author_id": 2,
            "action": action, **more}


def usernames_of(title: str, body: dict[str, Any]) -> frozenset[str]:
    """Who is concerned by a webhook of ours whose logins are accounts."""
    body = {**body, "agent": "mary"}
    return catalog().facts(
        Message("1", f"org.example.prod.gitlab.{title}", NOON, body, source="hook:moss")).usernames


class TestPeople:
    def test_the_account_that_the_publisher_names_is_the_agent(self) -> None:
        body = sent("mary-of-fedora", object_attributes=thing("open", author_id=1), assignees=[SAM])

        assert facts("gitlab.issue", body).agent == "mary-of-fedora"
        assert facts("gitlab.issue", body).usernames == {"mary-of-fedora"}

    def test_assignees_and_reviewers_are_concerned(self) -> None:
        body = sent(object_attributes=thing("update"), assignees=[SAM], reviewers=[TOM])

        assert usernames_of("merge_request", body) == {"mary", "sam", "tom"}

    def test_who_is_mentioned_or_assigned_is_concerned_by_a_comment(self) -> None:
        note = {"note": "Ask @ann.", "action": "create", "url": f"{MOSS}/-/issues/4#note_9"}
        body = sent(object_attributes=note, issue={"iid": 4, "assignee": SAM, "author_id": 9})

        assert usernames_of("note", body) == {"mary", "sam", "ann"}

    def test_who_is_no_longer_assigned_is_concerned(self) -> None:
        body = sent(object_attributes=thing("update"), assignees=[SAM],
                    changes={"assignees": {"previous": [TOM], "current": [SAM]}})

        assert usernames_of("issue", body) == {"mary", "sam", "tom"}
        assert described("gitlab.issue", body).summary == (
            'mary assigned the issue mossers/moss#4 "Too dry" to sam')

    def test_authors_of_commits_are_concerned(self) -> None:
        body = sent(user_username="mary", commits=[{"author": {"email": "ann@fedoraproject.org"}}])

        assert usernames_of("push", body) == {"mary", "ann"}


@pytest.mark.parametrize(("path", "expected"), [
    ("rpms/moss", {Package("rpms", "moss")}),
    ("fedora/rpms/moss", {Package("rpms", "moss")}),
    ("mary/moss", set()),
])
def test_a_package_s_project_is_about_the_package(path: str, expected: set[Package]) -> None:
    body = sent(project={**PROJECT, "path_with_namespace": path})

    assert facts("gitlab.push", body).packages == expected


@pytest.mark.parametrize(("action", "severity", "did"), [
    ("open", "info", "opened"), ("close", "info", "closed"), ("reopen", "info", "reopened"),
    ("update", "debug", "changed"), ("what", "debug", "changed"),
])
def test_what_happens_to_issues_is_told(action: str, severity: str, did: str) -> None:
    told = described("gitlab.issue", sent(object_attributes=thing(action)))

    assert told.summary == f'mary {did} the issue mossers/moss#4 "Too dry"'
    assert told.severity == severity
    assert told.link == told.thread == f"{MOSS}/-/issues/4"


@pytest.mark.parametrize(("body", "summary", "event"), [
    ({"object_attributes": thing("open")}, "opened {}", "opened"),
    ({"object_attributes": thing("merge")}, "merged {}", "merged"),
    ({"object_attributes": thing("close")}, "closed {} without merging it", "closed"),
    ({"object_attributes": thing("reopen")}, "reopened {}", "reopened"),
    ({"object_attributes": thing("approved")}, "approved {}", "approved"),
    ({"object_attributes": thing("unapproval")}, "took back their approval of {}", "unapproved"),
    ({"object_attributes": thing("update", oldrev="1f2e")}, "updated the commits of {}", "updated"),
    ({"object_attributes": thing("update")}, "changed {}", "changed"),
])
def test_what_happens_to_merge_requests_is_told(body: dict[str, Any], summary: str, event: str) -> None:
    told = described("gitlab.merge_request", sent(**body))

    assert told.summary == f"mary {summary}".replace("{}", 'the merge request mossers/moss!4 "Too dry"')
    assert told.kind == f"gitlab_merge_request_{event}"


def test_who_is_asked_for_a_review_is_told_of() -> None:
    body = sent(object_attributes=thing("update"), reviewers=[TOM], changes={"reviewers": {"current": [TOM]}})

    assert described("gitlab.merge_request", body).summary == (
        'mary asked tom for a review of the merge request mossers/moss!4 "Too dry"')


@pytest.mark.parametrize(("body", "summary"), [
    ({"issue": {"iid": 4, "title": "Too dry"}}, 'the issue mossers/moss#4 "Too dry"'),
    ({"merge_request": {"iid": 5, "title": "Water"}}, 'the merge request mossers/moss!5 "Water"'),
    ({"snippet": {"id": 6, "title": "Pour"}}, 'the snippet mossers/moss$6 "Pour"'),
    ({"commit": {"id": "1f2e3d4c5b6a"}}, "the commit 1f2e3d4c of mossers/moss"),
    ({}, "a commit of mossers/moss"),
])
def test_comments_are_on_many_things(body: dict[str, Any], summary: str) -> None:
    note = {"note": "Yes.", "action": "create", "url": f"{MOSS}/-/issues/4#note_9"}
    told = described("gitlab.note", sent(object_attributes=note, **body))

    assert told.summary == f"mary commented on {summary}"
    assert told.long == "Yes."
    assert (told.link, told.thread) == (f"{MOSS}/-/issues/4#note_9", f"{MOSS}/-/issues/4")


def test_a_failed_pipeline_is_severe_until_one_of_its_branch_succeeds() -> None:
    def pipeline(status: str, branch: str = "main") -> dict[str, Any]:
        return sent(object_attributes={"id": 7, "ref": branch, "status": status}, commit={"title": "Grow"})

    told = described("gitlab.pipeline", pipeline("failed"))
    failed, recovered, elsewhere = (
        subject_outcome(facts("gitlab.pipeline", body))
        for body in (pipeline("failed"), pipeline("success"), pipeline("success", "south")))

    assert told.summary == 'The pipeline of mossers/moss (main) failed: "Grow"'
    assert told.severity is Severity.ERROR
    assert told.link == f"{MOSS}/-/pipelines/7"
    assert failed
    assert recovered
    assert elsewhere
    assert (failed.outcome, recovered.outcome) == (Outcome.FAILED, Outcome.SUCCEEDED)
    assert failed.key == recovered.key != elsewhere.key


@pytest.mark.parametrize(("title", "body", "summary", "link"), [
    ("push", {"ref": "refs/heads/main", "before": "1f", "after": "2e", "commits": [{"message": "Grow"}]},
     'mary pushed 1 commit to mossers/moss (main): "Grow"', f"{MOSS}/-/compare/1f...2e"),
    ("push", {"ref": "refs/heads/main", "before": NOTHING, "after": "2e"},
     "mary pushed commits to mossers/moss (main)", f"{MOSS}/-/commits/main"),
    ("push", {"ref": "refs/heads/south", "before": "1f", "after": NOTHING},
     "mary deleted the branch south of mossers/moss", MOSS),
    ("tag_push", {"ref": "refs/tags/2.4", "after": "2e"}, "mary made the tag 2.4 in mossers/moss",
     f"{MOSS}/-/tags/2.4"),
    ("tag_push", {"ref": "refs/tags/2.4", "after": NOTHING}, "mary deleted the tag 2.4 in mossers/moss",
     MOSS),
    ("release", {"action": "create", "tag": "2.4", "url": f"{MOSS}/-/releases/2.4"},
     'mary published the release "2.4" of mossers/moss', f"{MOSS}/-/releases/2.4"),
    ("wiki_page", {"object_attributes": {"action": "delete", "title": "Watering", "url": f"{MOSS}/-/w"}},
     "mary deleted the page Watering in the wiki of mossers/moss", f"{MOSS}/-/w"),
    ("milestone", {"object_attributes": {"action": "close", "title": "Spring"}},
     "mary closed the milestone Spring of mossers/moss", MOSS),
    ("emoji", {"event_type": "revoke", "object_attributes": {"name": "seedling"}},
     "mary took back the reaction seedling in mossers/moss", MOSS),
    ("feature_flag", {"object_attributes": {"name": "sprinkler", "active": False}},
     "mary switched the feature flag sprinkler of mossers/moss off", MOSS),
    ("build", {"build_status": "failed", "build_name": "leaves", "ref": "main", "build_id": 8},
     "The job leaves of mossers/moss (main) failed", f"{MOSS}/-/jobs/8"),
    ("job", {"build_status": "running", "build_name": "leaves"}, "The job leaves of mossers/moss is running",
     MOSS),
    ("deployment", {"status": "failed", "environment": "prod", "deployable_url": f"{MOSS}/-/jobs/8"},
     "mary's deployment of mossers/moss to prod failed", f"{MOSS}/-/jobs/8"),
    ("user_remove_from_group", {"event_name": "user_remove_from_group", "user_username": "sam",
                                "group_path": "mossers", "user": None, "project": None},
     "sam left the group mossers", "https://gitlab.example.org"),
    ("vulnerability", {}, "mary caused the event vulnerability in mossers/moss", MOSS),
])
def test_what_happens_in_projects_is_told(title: str, body: dict[str, Any], summary: str, link: str) -> None:
    told = described(f"gitlab.{title}", sent(**body))

    assert told.summary == summary
    assert told.link == link
