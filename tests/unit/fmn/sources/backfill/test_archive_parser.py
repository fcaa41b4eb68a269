"""Any row of an archive is a message or is rejected with a reason."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Message
from fmn.settings import BusSettings
from fmn.sources.backfill.archive_parser import ArchiveParser
from fmn.sources.backfill.archived_deliveries import is_delivery
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.fedora_messaging.parser import AmqpMessageParser
from fmn.sources.rejection import MessageRejectedError, RejectionReason

TRUSTED, OTHER = "https://archive.example.org/raw", "https://example.org/raw"
PARSER = ArchiveParser(
    MessageParser(BusSettings(), None, RoutingPolicy(nitpicky=False)), AmqpMessageParser(BusSettings()),
    [TRUSTED])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6)
HEADERS = JSON | st.dictionaries(
    st.sampled_from(["sent-at", "fedora_messaging_schema", "fedora_messaging_user_x", "priority"]), JSON)
ROWS = JSON | st.fixed_dictionaries({}, optional={
    "body": JSON, "msg": JSON, "id": JSON, "msg_id": JSON, "topic": JSON | st.just("a.b.c.d"),
    "headers": HEADERS, "priority": JSON, "timestamp": JSON, "signature": st.none() | st.text(max_size=3)})


def outcome(row: Any, address: str) -> Message | RejectionReason:
    try:
        return PARSER.parse(row, address)
    except MessageRejectedError as error:
        return error.reason


@given(ROWS)
def test_any_row_is_a_message_or_has_a_reason(row: Any) -> None:
    trusted, other = outcome(row, TRUSTED), outcome(row, OTHER)

    if is_delivery(row):
        assert other is RejectionReason.UNTRUSTED_ARCHIVE
        assert isinstance(trusted, RejectionReason) or trusted.source == "fedora-messaging"
    else:
        assert isinstance(trusted, RejectionReason) or trusted.source == "fedmsg"


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3), st.uuids(), st.integers(0, 10))
def test_both_forms_of_a_row_are_the_same_message(body: dict[str, Any], msg_id: Any, priority: int) -> None:
    headers = {"sent-at": "2026-03-14T09:26:53.5+00:00", "fedora_messaging_schema": "base.message"}
    found = {
        "body": body, "headers": headers, "id": str(msg_id), "priority": priority, "queue": None,
        "topic": "org.fedoraproject.prod.oven.done"}
    raw = {
        "msg": body, "headers": {**headers, "priority": priority}, "msg_id": str(msg_id), "signature": None,
        "topic": "org.fedoraproject.prod.oven.done", "timestamp": 1773480413.0}

    assert outcome(found, TRUSTED) == outcome(raw, TRUSTED)
