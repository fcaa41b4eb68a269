from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fmn.catalog import Message

NOW = datetime(2026, 3, 14, tzinfo=UTC)
WIRE = {
    "topic": "org.fedoraproject.prod.bodhi.update.comment",
    "msg_id": "2026-5b1c0f6d",
    "timestamp": 1773480413.5,
    "msg": {"comment": {"author": "mary"}},
}


def test_a_complete_message_is_taken_as_it_is() -> None:
    message = Message.from_wire(WIRE, now=NOW)

    assert message.msg_id == "2026-5b1c0f6d"
    assert message.category == "bodhi"
    assert message.title == "bodhi.update.comment"
    assert message.sent_at == datetime(2026, 3, 14, 9, 26, 53, 500_000, tzinfo=UTC)
    assert message.body == {"comment": {"author": "mary"}}


@pytest.mark.parametrize(("topic", "category", "title"), [
    ("org.fedoraproject.prod.git.receive.valgrind.master", "git", "git.receive.valgrind.master"),
    ("org.fedoraproject.prod.logger", "logger", "logger"),
    ("org.fedoraproject.prod", "", ""),
    ("", "", ""),
])
def test_category_and_title_follow_from_the_topic(topic: str, category: str, title: str) -> None:
    message = Message.from_wire({"topic": topic})

    assert (message.category, message.title) == (category, title)


@pytest.mark.parametrize("timestamp", [None, "1773480413", True, 1e300, float("nan"), -1e20])
def test_a_message_without_usable_time_was_sent_now(timestamp: Any) -> None:
    assert Message.from_wire({**WIRE, "timestamp": timestamp}, now=NOW).sent_at == NOW


@pytest.mark.parametrize("msg_id", [None, "", 7])
def test_a_message_without_id_gets_one_from_its_content(msg_id: Any) -> None:
    first = Message.from_wire({**WIRE, "msg_id": msg_id})
    again = Message.from_wire({**WIRE, "msg_id": msg_id})
    other = Message.from_wire({**WIRE, "msg_id": msg_id, "msg": {"comment": {"author": "\ud800"}}})

    assert first.msg_id == again.msg_id != other.msg_id


def test_anything_may_be_missing() -> None:
    message = Message.from_wire({}, now=NOW)

    assert message.topic == ""
    assert message.body is None
