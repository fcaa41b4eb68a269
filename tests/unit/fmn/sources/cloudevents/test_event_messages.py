"""Messages of events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fmn.settings import EventsSettings
from fmn.sources.cloudevents.errors import InvalidEventError
from fmn.sources.cloudevents.event import CloudEvent, make_event
from fmn.sources.cloudevents.event_messages import EventMapper, msg_id_of
from tests.factories.messages import NOON

MAPPER = EventMapper(EventsSettings(
    topic_prefix="org.example", type_prefixes=("org.example", "org.example.garden.")), "stg")


def event(**changes: Any) -> CloudEvent:
    given = {"specversion": "1.0", "id": "1", "source": "s", "type": "garden.x", **changes}
    return make_event(given, {"a": 1})


def test_a_message_says_what_came_with_which_token() -> None:
    message = MAPPER.message(event(subject="bed 1", time="2026-03-14T09:26:53Z"), "ci", NOON)

    assert (message.topic, message.category) == ("org.example.stg.garden.x", "garden")
    assert (message.signer, message.source) == ("events:ci", "cloudevents:ci")
    assert message.body == {"a": 1}
    assert message.headers == {"id": "1", "source": "s", "type": "garden.x", "subject": "bed 1"}
    assert message.sent_at.isoformat() == "2026-03-14T09:26:53+00:00"


def test_without_a_time_it_is_now() -> None:
    assert MAPPER.message(event(), "ci", NOON).sent_at == NOON


def test_a_clock_may_be_ahead_but_not_by_days() -> None:
    for days, taken in ((0.9, True), (1.1, False)):
        ahead = event(time=(NOON + timedelta(days=days)).isoformat())
        if taken:
            assert MAPPER.message(ahead, "ci", NOON).sent_at > NOON
        else:
            with pytest.raises(InvalidEventError, match="more than a day ahead"):
                MAPPER.message(ahead, "ci", NOON)


@pytest.mark.parametrize(("kind", "topic"), [
    ("org.example.garden.plant.x", "org.example.stg.plant.x"),
    ("org.example.forest.x", "org.example.stg.forest.x"),
    ("org.examples.x", "org.example.stg.org.examples.x"),
])
def test_types_lose_the_longest_prefix_of_the_settings(kind: str, topic: str) -> None:
    assert MAPPER.message(event(type=kind), "ci", NOON).topic == topic


def test_the_id_is_that_of_source_and_id_together() -> None:
    ids = {msg_id_of(event(source=source, id=id_)) for source, id_ in (
        ("a", "b"), ("ab", "c"), ("a", "bc"), ("b", "a"), ('a", "b', "c"))}
    assert len(ids) == 5
    assert msg_id_of(event(type="other")) == msg_id_of(event())
