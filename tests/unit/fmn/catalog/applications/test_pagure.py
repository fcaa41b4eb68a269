from __future__ import annotations

from typing import Any, ClassVar

import pytest

from fmn.catalog import Package, catalog
from fmn.catalog.accounts_in_messages import avatar
from fmn.catalog.applications.pagure import concerns_project, concerns_tagged_project
from tests.messages import described, facts, message

PROJECT = {
    "name": "moss", "namespace": None, "parent": None, "user": {"name": "mary"}, "tags": ["forest", "green"],
}
PACKAGE = {**PROJECT, "namespace": "rpms"}
FORK = {**PACKAGE, "parent": PACKAGE, "user": {"name": "sam"}}
ISSUE = {
    "id": 4, "title": "Too dry", "content": "It's dry.", "status": "Open", "comments": [],
    "user": {"name": "sam"},
}
REQUEST = {"id": 12, "title": "Water", "comments": [], "project": PROJECT, "user": {"name": "sam"}}


def told(title: str, body: Any, **more: str) -> Any:
    return described(title, body, **{"prefix": "io.pagure", **more})


class TestForges:
    @pytest.mark.parametrize(("prefix", "environment", "root"), [
        ("io.pagure", "prod", "https://pagure.io"),
        ("io.pagure", "stg", "https://stg.pagure.io"),
        ("io.pagure", "dev", "https://pagure.io"),
        ("org.fedoraproject", "prod", "https://src.fedoraproject.org"),
        ("org.fedoraproject", "stg", "https://src.stg.fedoraproject.org"),
    ])
    def test_pages_are_on_the_forge_that_sent_the_message(
        self, prefix: str, environment: str, root: str,
    ) -> None:
        link = told("pagure.project.new", {"project": PROJECT}, prefix=prefix, environment=environment).link

        assert link == f"{root}/moss"

    @pytest.mark.parametrize(("project", "path"), [
        (PROJECT, "moss"), (PACKAGE, "rpms/moss"), (FORK, "fork/sam/rpms/moss"),
    ])
    def test_a_project_is_named_as_its_page_is(self, project: Any, path: str) -> None:
        new = told("pagure.project.new", {"agent": "mary", "project": project})

        assert new.summary == f"mary made the project {path}"
        assert new.link == f"https://pagure.io/{path}"

    def test_a_project_says_where_it_is(self) -> None:
        project = {**PROJECT, "full_url": "https://pagure.io/moss"}

        assert told("pagure.project.new", {"project": project}, prefix="org.fedoraproject").link == (
            "https://pagure.io/moss")

    def test_who_may_do_what_concerns_who_decides_it_and_for_whom(self) -> None:
        body = {"agent": "mary", "new_user": "sam", "project": PROJECT}
        known = facts("pagure.project.user.added", body, prefix="io.pagure")

        assert known.agent == "mary"
        assert known.usernames == {"mary", "sam"}
        assert known.packages == frozenset()
        assert told("pagure.project.user.added", body).secondary_icon == avatar("mary")


RPM = Package("rpms", "moss")


class TestPackages:
    @pytest.mark.parametrize(("project", "package"), [
        (PACKAGE, {RPM}), ({**PACKAGE, "namespace": "flatpaks"}, {Package("flatpaks", "moss")}),
        (PROJECT, set()), ({**PACKAGE, "namespace": "tests"}, set()), (FORK, set()),
        ({**PACKAGE, "full_url": "https://pagure.io/rpms/moss"}, set()),
    ])
    @pytest.mark.parametrize("title", ["git.receive", "pull-request.new", "issue.new", "project.edit"])
    def test_are_repositories_at_dist_git_but_no_forks(
        self, project: Any, package: set[Package], title: str,
    ) -> None:
        body = {"git.receive": {"repo": project}, "pull-request.new": {"pullrequest": {"project": project}}}

        assert facts(f"pagure.{title}", body.get(title, {"project": project})).packages == package

    def test_are_those_a_pull_request_from_a_fork_is_for(self) -> None:
        request = {**REQUEST, "project": PACKAGE, "repo_from": FORK}

        assert facts("pagure.pull-request.closed", {"pullrequest": request}).packages == {RPM}


class TestPeople:
    COMMENTS: ClassVar[list[Any]] = [
        {"id": 1, "comment": "Hm.", "user": {"name": "tom"}},
        {"id": 2, "comment": "@ann, see this", "user": {"name": "mary"}},
    ]

    def test_pull_requests_concern_their_author_and_who_took_part(self) -> None:
        request = {**REQUEST, "assignee": {"name": "eve"}, "comments": self.COMMENTS}
        known = facts("pagure.pull-request.closed", {"agent": "mary", "pullrequest": request})

        assert known.agent == "mary"
        assert known.usernames == {"mary", "sam", "eve", "tom"}

    @pytest.mark.parametrize(("title", "key"), [
        ("pull-request.comment.added", "pullrequest"), ("issue.comment.added", "issue")])
    def test_comments_concern_whom_they_mention(self, title: str, key: str) -> None:
        thing = {**REQUEST, "comments": self.COMMENTS}
        known = facts(f"pagure.{title}", {"agent": "mary", key: thing})

        assert known.usernames == {"mary", "sam", "tom", "ann"}

    def test_issues_concern_their_author_and_assignee(self) -> None:
        body = {"agent": "mary", "issue": {**ISSUE, "assignee": {"name": "eve"}}, "project": PROJECT}

        assert facts("pagure.issue.assigned.added", body).usernames == {"mary", "sam", "eve"}

    @pytest.mark.parametrize(("title", "body"), [
        ("project.group.added", {"new_group": "mossers"}),
        ("project.group.removed", {"removed_groups": ["mossers"]}),
        ("group.edit", {"group": {"name": "mossers"}}),
    ])
    def test_groups_that_may_do_more_or_less_are_concerned(self, title: str, body: Any) -> None:
        assert facts(f"pagure.{title}", {"agent": "mary", "project": PROJECT, **body}).groups == {"mossers"}


def test_a_push_is_told_with_its_commits() -> None:
    pushed = {"agent": "mary", "repo": PROJECT, "branch": "main", "end_commit": "2b", "total_commits": 1}

    assert told("pagure.git.receive", {**pushed, "start_commit": "1a"}).link == "https://pagure.io/moss/c/1a..2b"
    assert told("pagure.git.receive", {**pushed, "start_commit": "2b"}).link == "https://pagure.io/moss/c/2b"
    assert told("pagure.git.receive", pushed).thread == "https://pagure.io/moss/tree/main"


ON_ISSUE = {"agent": "mary", "issue": ISSUE, "project": PROJECT}


class TestIssues:
    def test_an_issue_has_a_number_and_a_title(self) -> None:
        new = told("pagure.issue.new", ON_ISSUE)

        assert new.summary == 'mary opened the issue moss#4 "Too dry"'
        assert new.link == "https://pagure.io/moss/issue/4"
        assert new.long == "It's dry."

    def test_a_new_comment_is_the_last_one(self) -> None:
        comments = [{"id": 1, "comment": "First"}, {"id": 2, "comment": "Second"}]
        body = {**ON_ISSUE, "issue": {**ISSUE, "comments": comments}}
        comment = told("pagure.issue.comment.added", body)

        assert comment.link == "https://pagure.io/moss/issue/4#comment-2"
        assert comment.long == "Second"

    def test_an_edited_comment_is_beside_its_issue(self) -> None:
        edited = told("pagure.issue.comment.edited", {**ON_ISSUE, "comment": {"id": 9, "comment": "Better"}})

        assert edited.link == "https://pagure.io/moss/issue/4#comment-9"
        assert edited.long == "Better"

    def test_without_a_project_only_the_forge_is_known(self) -> None:
        edited = told("pagure.issue.comment.edited", {"agent": "mary", "issue": ISSUE, "comment": {"id": 9}})

        assert edited.link == "https://pagure.io"

    @pytest.mark.parametrize(("title", "more", "expected"), [
        ("edit", {"fields": ["status"]}, 'mary changed the status of the issue moss#4 "Too dry" to Open'),
        ("edit", {"fields": ["close_status", "title"]},
         'mary changed the close status and the title of the issue moss#4 "Too dry"'),
        ("tag.added", {"tags": ["easyfix"]}, 'mary gave the issue moss#4 "Too dry" the tag easyfix'),
        ("tag.removed", {"tags": ["a", "b"]},
         'mary removed the tags a and b from the issue moss#4 "Too dry"'),
        ("assigned.added", {"issue": {**ISSUE, "assignee": {"name": "tom"}}},
         'mary assigned the issue moss#4 "Too dry" to tom'),
        ("assigned.added", {}, 'mary assigned the issue moss#4 "Too dry"'),
        ("assigned.reset", {}, 'mary reset who\'s assigned to the issue moss#4 "Too dry"'),
        ("dependency.added", {"added_dependency": 3},
         'mary added the issue moss#4 "Too dry" to the dependencies of moss#3'),
        ("dependency.removed", {"removed_dependency": 3},
         'mary removed the issue moss#4 "Too dry" from the dependencies of moss#3'),
        ("dependency.removed", {"removed_dependency": [3]},
         'mary removed the issue moss#4 "Too dry" from the dependencies of moss#3'),
        ("drop", {}, 'mary deleted the issue moss#4 "Too dry"'),
    ])
    def test_what_happens_to_an_issue_is_told(self, title: str, more: dict[str, Any], expected: str) -> None:
        assert told(f"pagure.issue.{title}", {**ON_ISSUE, **more}).summary == expected


class TestPullRequests:
    @pytest.mark.parametrize("key", ["pullrequest", "pull_request", "pull-request", "request"])
    def test_a_pull_request_is_found_however_it_is_spelled(self, key: str) -> None:
        tagged = told("pagure.pull-request.tag.added", {"agent": "mary", "tags": ["wet"], key: REQUEST})

        assert tagged.summary == 'mary gave the pull request moss#12 "Water" the tag wet'
        assert tagged.link == "https://pagure.io/moss/pull-request/12"

    @pytest.mark.parametrize(("merged", "expected"), [
        (True, 'mary merged the pull request moss#12 "Water"'),
        (False, 'mary closed the pull request moss#12 "Water" without merging it'),
    ])
    def test_a_closed_one_was_merged_or_not(self, merged: bool, expected: str) -> None:
        body = {"agent": "mary", "merged": merged, "pullrequest": REQUEST}

        assert told("pagure.pull-request.closed", body).summary == expected

    def test_a_comment_may_be_on_a_line(self) -> None:
        comment = {"id": 7, "comment": "Why?", "filename": "moss.py", "line": 5}
        body = {"agent": "mary", "pullrequest": {**REQUEST, "comments": [comment]}}
        added = told("pagure.pull-request.comment.added", body)

        assert added.link == "https://pagure.io/moss/pull-request/12#comment-7"
        assert added.long == "File: moss.py\nLine: 5\n\nWhy?"

    def test_a_flag_is_set_by_a_service(self) -> None:
        flag = {
            "username": "Greenhouse CI", "comment": "Failed", "status": "failure",
            "url": "https://ci.example.org/1",
        }
        body = {"agent": "mary", "flag": flag, "pullrequest": REQUEST}
        flagged = told("pagure.pull-request.flag.added", body)

        assert flagged.summary == 'Greenhouse CI flagged the pull request moss#12 "Water": "Failed"'
        assert flagged.long == "Status: failure\nDetails: https://ci.example.org/1\n\nFailed"

    @pytest.mark.parametrize("title", ["pagure.request.assigned.reset", "pagure.pull-request.assigned.reset"])
    def test_assignments_have_two_topics(self, title: str) -> None:
        body = {"agent": "mary", "request": REQUEST, "project": PROJECT}

        assert told(title, body).summary == 'mary reset who\'s assigned to the pull request moss#12 "Water"'


class TestRepositories:
    def test_a_push_counts_its_commits(self) -> None:
        body = {"agent": "mary", "branch": "refs/heads/main", "total_commits": 1, "repo": PACKAGE}
        push = told("pagure.git.receive", body, prefix="org.fedoraproject")

        assert push.summary == "mary pushed 1 commit to rpms/moss (main)"
        assert push.link == "https://src.fedoraproject.org/rpms/moss/tree/main"

    def test_a_push_used_to_be_one_message_a_commit(self) -> None:
        commit = {
            "repo": PROJECT, "branch": "refs/heads/main", "rev": "1f2e", "email": "mary@fedoraproject.org",
            "username": None, "summary": "Grow", "message": "Grow",
        }
        known = facts("pagure.git.receive", {"commit": commit}, prefix="io.pagure")
        push = told("pagure.git.receive", {"commit": commit})

        assert (known.event.name, known.agent) == ("pagure_git_receive_commit", "mary")
        assert push.summary == 'mary pushed to moss (main): "Grow"'
        assert push.link == "https://pagure.io/moss/1f2e"
        assert push.secondary_icon == ""

    def test_a_flag_on_a_commit_leads_to_the_commit(self) -> None:
        flag = {"username": "CI", "commit_hash": "0123456789abcdef", "status": "success"}
        flagged = told("pagure.commit.flag.updated", {"agent": "mary", "flag": flag, "repo": PROJECT})

        assert flagged.summary == "CI updated its flag on the commit 01234567 of moss: success"
        assert flagged.link == "https://pagure.io/moss/c/0123456789abcdef"


class TestProjects:
    @pytest.mark.parametrize(("title", "more", "expected"), [
        ("user.added", {"new_user": "sam"}, "mary added sam to moss"),
        ("user.added", {"new_user": "sam", "access": "ticket"}, "mary added sam to moss with ticket access"),
        ("user.removed", {"removed_user": "sam"}, "mary removed sam from moss"),
        ("user.access.updated", {"new_user": "sam", "new_access": "admin"},
         "mary gave sam admin access to moss"),
        ("group.added", {"new_group": "mossers"}, "mary added the group mossers to moss"),
        ("group.removed", {"removed_groups": ["mossers"]}, "mary removed the group mossers from moss"),
        ("tag.edited", {"old_tag": "a", "new_tag": "b"}, "mary changed the tag a of moss to b"),
        ("tag.removed", {"tags": ["a"]}, "mary removed the tag a from moss"),
        ("edit", {"fields": ["url"]}, "mary changed the url of moss"),
        ("deleted", {}, "mary deleted the project moss"),
    ])
    def test_what_happens_to_a_project_is_told(
        self, title: str, more: dict[str, Any], expected: str,
    ) -> None:
        body = {"agent": "mary", "project": PROJECT, **more}

        assert told(f"pagure.project.{title}", body).summary == expected

    def test_a_fork_is_named_with_what_it_is_of(self) -> None:
        forked = told("pagure.project.forked", {"agent": "sam", "project": FORK})

        assert forked.summary == "sam forked rpms/moss to fork/sam/rpms/moss"

    def test_a_deleted_project_has_no_page(self) -> None:
        assert told("pagure.project.deleted", {"project": PROJECT}).link == "https://pagure.io"


class TestRules:
    @pytest.mark.parametrize(("project", "wanted", "expected"), [
        (PROJECT, "moss", True),
        (PROJECT, "lichen, moss", True),
        (PROJECT, "mos", False),
        (PACKAGE, "moss", False),
        (PACKAGE, "rpms/moss", True),
        (PACKAGE, "rpms", True),
        (FORK, "rpms/moss", False),
        (FORK, "fork/sam", True),
        (None, "moss", False),
        (PROJECT, "", False),
    ])
    def test_a_project_is_named_as_its_page_is(self, project: Any, wanted: str, expected: bool) -> None:
        known = facts("pagure.issue.new", {"project": project, "issue": ISSUE}, prefix="io.pagure")

        assert concerns_project(known, {"project": wanted}) is expected

    def test_a_project_has_tags(self) -> None:
        known = facts("pagure.pull-request.new", {"pullrequest": REQUEST}, prefix="io.pagure")

        assert concerns_tagged_project(known, {"tags": "blue, green"})
        assert not concerns_tagged_project(known, {"tags": "blue"})
        assert not concerns_tagged_project(known, {})

    def test_other_services_projects_are_not_pagure_s(self) -> None:
        known = facts("anitya.project.add", {"project": PROJECT})

        assert not concerns_project(known, {"project": "moss"})
        assert not concerns_tagged_project(known, {"tags": "green"})


def test_what_pagure_says_some_day_is_still_read() -> None:
    body = {"agent": "mary", "project": PROJECT}

    assert not catalog().knows(message("pagure.project.frobnicated", body))
    assert told("pagure.project.frobnicated", body).link == "https://pagure.io"
    assert told("pagure.project.frobnicated", body).secondary_icon == avatar("mary")
