"""RATS, by which people asked that automatic tests be run again. It was gone with Taskotron."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmn.catalog.applications.pagure.base import project_page, pull_request_of
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader

#: A pull request for examples: RATS wrote them as Pagure does.
PULL_REQUEST: dict[str, Any] = {
    "id": 13, "title": "Water the south side", "status": "Open", "branch": "main", "user": {"name": "sam"},
    "project": {"name": "moss", "namespace": "rpms", "fullname": "rpms/moss", "parent": None},
}


class Request(EventType):
    """Somebody asked that a test be run again."""

    summary_template = "{who} asked that {test} be run on {item}"
    group_summary_template = "{who:people} asked that {test:tests} be run on {item:items}"
    retired = True

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        result = m.text("result_id")
        return {
            **super().template_values(m),
            "test": m.text("test") or "a test",
            "item": m.text("identifier") or (f"the item of result {result}" if result else "something"),
        }


class SimpleKojiCi(Request):
    """Somebody asked that a pull request be built again."""

    topics = ("rats.test.simple-koji-ci",)
    title = "Build of a pull request requested"
    example = sample(
        agent="mary", test="simple-koji-ci", identifier="rpms/moss/pull-request/13", result_id=None,
        pull_request=PULL_REQUEST, extras={},
    )

    def link(self, m: MessageReader) -> str:
        return project_page(m, "pull-request", pull_request_of(m).text("id"))


class Taskotron(Request):
    """Somebody asked that a task of Taskotron be run again."""

    topics = ("rats.test.taskotron",)
    title = "Task of Taskotron requested"
    example = sample(
        agent="mary", test="dist.rpmlint", identifier="moss-2.4-1.fc30", result_id=None, groups="forest",
        extras={"groups": "forest"},
    )


class AtomicCi(Request):
    """Somebody asked that a package go through the pipeline for Atomic Host again."""

    topics = ("rats.test.atomic-ci",)
    title = "Run of the Atomic pipeline requested"
    example = sample(
        agent="mary", test="AtomicCI", identifier="rpms/moss/pull-request/13", result_id=None,
        old_result=None, pull_request=PULL_REQUEST, extras={},
    )


class OtherTest(Request):
    """Somebody asked that some other test be run again."""

    topics = ("rats.test.*",)
    rule = "rats_test_other"
    title = "Other test requested"
    example = sample(agent="mary", test="fuzz", identifier=None, result_id=5202, extras={})
    example_topic = "rats.test.fuzz"


APPLICATION = Application(
    category="rats",
    title="RATS",
    help="Requests that automatic tests be run again.",
    icon="https://apps.fedoraproject.org/packages/images/icons/package_128x128.png",
    retired=True,
    other=Request,
    events=(SimpleKojiCi, Taskotron, AtomicCi, OtherTest),
)
