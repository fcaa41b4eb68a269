from __future__ import annotations

import pytest

from tests.messages import described, facts

BUILD = {"project": "moss", "build": 12, "took": "1 min 28 sec"}


@pytest.mark.parametrize(("state", "told"), [
    ("start", "was started"), ("passed", "passed"), ("failed", "failed"), ("unstable", "was unstable"),
    ("aborted", "was aborted"), ("notbuilt", "was not built"),
])
def test_what_became_of_a_build_is_told(state: str, told: str) -> None:
    assert described(f"jenkins.build.{state}", BUILD).summary == (
        f"The build #12 of moss {told} after 1 min 28 sec")
    assert described(f"jenkins.build.{state}", BUILD).link == (
        "http://jenkins.cloud.fedoraproject.org/job/moss/12/")
    assert facts(f"jenkins.build.{state}", BUILD).usernames == frozenset()


def test_a_build_of_nothing_in_particular_is_told_too() -> None:
    assert described("jenkins.build.failed", {}).summary == "The build of a project failed"
