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


RECORD = {
    "topic": "org.fedoraproject.prod.bodhi.update.comment",
    "id": "5b1c0f6d-2f4a-4b9c-9e7a-1d22a43f0aa1",
    "headers": {"fedora_messaging_severity": 20, "sent-at": "2026-03-14T10:26:53+01:00"},
    "body": {"comment": {"author": "mary"}},
}


def test_a_record_of_fedora_messaging_is_taken_as_it_is() -> None:
    message = Message.from_record(RECORD, now=NOW)

    assert (message.msg_id, message.title) == (RECORD["id"], "bodhi.update.comment")
    assert message.sent_at == datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
    assert (message.body, message.headers) == (RECORD["body"], RECORD["headers"])
    assert message.source == "fedora-messaging"


@pytest.mark.parametrize("sent_at", [
    None, 7, "", "yesterday", "2026-03-14T10:26:53", "0001-01-01T00:00:00+23:00",
])
def test_a_record_without_usable_time_was_sent_now(sent_at: Any) -> None:
    assert Message.from_record({**RECORD, "headers": {"sent-at": sent_at}}, now=NOW).sent_at == NOW


def test_anything_may_be_missing_in_a_record() -> None:
    message = Message.from_record({"headers": []}, now=NOW)

    assert (message.topic, message.body, message.headers, message.sent_at) == ("", None, {}, NOW)
    assert message.msg_id == Message.from_record({"headers": []}, now=NOW).msg_id
