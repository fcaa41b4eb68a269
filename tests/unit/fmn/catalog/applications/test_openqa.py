from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Severity
from tests.messages import described, facts

OPENQA = "https://openqa.fedoraproject.org"
JOB = {
    "id": 10826, "ARCH": "x86_64", "BUILD": "Fedora-44", "MACHINE": "64bit", "TEST": "install_xfs",
    "ISO": "Fedora-44.iso", "HDD_1": "disk.qcow2", "remaining": 23, "result": "failed",
}


class TestJobs:
    def test_a_job_that_failed_concerns_nobody_and_tells_all_of_itself(self) -> None:
        known = facts("openqa.job.done", {**JOB, "reason": "died", "bugref": "gh#7"})
        told = described("openqa.job.done", {**JOB, "reason": "died", "bugref": "gh#7"})

        assert known.usernames == frozenset()
        assert known.event.severity is Severity.WARNING
        assert told.summary == "The job 10826 (install_xfs on 64bit) for Fedora-44 failed (23 more to be run)"
        assert told.link == f"{OPENQA}/tests/10826"
        assert told.long == (
            "Result: failed\nReason: died\nBug: gh#7\nTest: install_xfs\nBuild: Fedora-44\nMachine: 64bit\n"
            "Architecture: x86_64\nImage: Fedora-44.iso")

    @pytest.mark.parametrize(("result", "name", "said"), [
        ("passed", "openqa_job_done", "passed"),
        ("softfailed", "openqa_job_done", "passed with problems"),
        ("user_cancelled", "openqa_job_done", "ended as user cancelled"),
        (None, "openqa_job_done", "is done"),
        ("failed", "openqa_job_failed", "failed"),
        ("incomplete", "openqa_job_failed", "ended as incomplete"),
        ("timeout_exceeded", "openqa_job_failed", "ended as timeout exceeded"),
    ])
    def test_results_that_need_attention_are_an_event_type(
        self, result: str | None, name: str, said: str,
    ) -> None:
        body = {"id": 7, "result": result}

        assert facts("openqa.job.done", body).event.name == name
        assert described("openqa.job.done", body).summary == f"The job 7 {said}"

    @pytest.mark.parametrize(("title", "more", "said"), [
        ("openqa.job.duplicate", {"auto": "1", "result": "10695"}, "was duplicated automatically as 10695"),
        ("openqa.job.duplicate", {"auto": "0", "result": "10695"}, "was duplicated by hand as 10695"),
        ("openqa.job.duplicate", {"result": {"7": 8}}, "was duplicated"),
        ("openqa.job.restart", {"result": "10619"}, "was restarted as 10619"),
        ("openqa.job.cancel", {}, "was cancelled"),
    ])
    def test_the_first_messages_named_only_job_and_build(
        self, title: str, more: dict[str, Any], said: str,
    ) -> None:
        told = described(title, {"build": "Fedora-24", "id": "10625", "remaining": 39, **more})

        assert told.summary == f"The job 10625 for Fedora-24 {said}"
        assert told.long == "Build: Fedora-24"

    def test_pages_are_those_of_the_openqa_that_sent_the_message(self) -> None:
        assert described("openqa.job.done", JOB, environment="stg").link == (
            "https://openqa.stg.fedoraproject.org/tests/10826")

    def test_a_job_without_a_number_has_no_page_of_its_own(self) -> None:
        assert described("openqa.job.create", {}).link == OPENQA
        assert described("openqa.job.create", {}).summary == "A job was created"


class TestComments:
    @pytest.mark.parametrize(("about", "said", "link"), [
        ({"job_id": 15052}, "the job 15052", "/tests/15052#comments"),
        ({"job_id": None, "group_id": 1}, "the group of jobs 1", "/group_overview/1"),
        ({"parent_group_id": 2}, "something", "/parent_group_overview/2"),
        ({}, "something", ""),
    ])
    def test_a_comment_is_on_a_job_or_a_group(self, about: dict[str, Any], said: str, link: str) -> None:
        body = {"id": 1, "text": "Flaky.\nTwice.", "user": "mary", **about}
        told = described("openqa.comment.create", body)

        assert told.summary == f'mary commented on {said} on openQA: "Flaky. Twice."'
        assert told.link == f"{OPENQA}{link}"
        assert told.long == "Flaky.\nTwice."

    def test_a_comment_concerns_who_wrote_it(self) -> None:
        body = {"id": 1, "text": "Flaky", "user": "mary", "job_id": 1}

        assert facts("openqa.comment.delete", body).agent == "mary"
        assert facts("openqa.comment.delete", body).usernames == {"mary"}
        assert described("openqa.comment.delete", body).secondary_icon == ""
