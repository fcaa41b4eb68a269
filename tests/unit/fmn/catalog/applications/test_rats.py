from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

PULL_REQUEST = {"id": 13, "project": {"name": "moss", "namespace": "rpms"}, "user": {"name": "sam"}}


def test_a_pull_request_concerns_whoever_asks_and_has_a_page() -> None:
    body = {
        "agent": "mary", "test": "simple-koji-ci", "identifier": "rpms/moss/pull-request/13",
        "pull_request": PULL_REQUEST,
    }
    known = facts("rats.test.simple-koji-ci", body, environment="dev")
    told = described("rats.test.simple-koji-ci", body, environment="dev")

    assert known.agent == "mary"
    assert known.usernames == {"mary"}
    assert told.summary == "mary asked that simple-koji-ci be run on rpms/moss/pull-request/13"
    assert told.link == "https://src.fedoraproject.org/rpms/moss/pull-request/13"
    assert told.secondary_icon == avatar("mary")


@pytest.mark.parametrize(("title", "body", "said"), [
    ("rats.test.taskotron", {"test": "dist.rpmlint", "identifier": "moss-2.4-1.fc30"},
     "mary asked that dist.rpmlint be run on moss-2.4-1.fc30"),
    ("rats.test.atomic-ci", {"test": "AtomicCI", "result_id": 5202, "pull_request": PULL_REQUEST},
     "mary asked that AtomicCI be run on the item of result 5202"),
    ("rats.test.fuzz", {}, "mary asked that a test be run on something"),
])
def test_other_tests_have_no_page(title: str, body: dict[str, Any], said: str) -> None:
    told = described(title, {"agent": "mary", **body})

    assert told.summary == said
    assert told.link == ""
