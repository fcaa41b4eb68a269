from __future__ import annotations

import pytest
from fmn.catalog import Catalog, EventType, Message, MessageReader
from fmn_greenhouse.catalogue import APPLICATION

KNOWN = Catalog([APPLICATION])


@pytest.mark.parametrize("event", APPLICATION.event_types, ids=lambda event: event.name)
def test_every_example_is_understood(event: EventType) -> None:
    message = event.example_message()

    assert KNOWN.event_of(MessageReader(message)) is event
    assert "Message greenhouse" not in KNOWN.describe(message).summary


@pytest.mark.parametrize("body", [None, [], {"plant": None}, {"plant": {"name": 7}}, {"plant": ["moss"]}])
def test_odd_messages_are_understood_as_far_as_they_go(body: object) -> None:
    message = Message.from_wire({"topic": "org.example.prod.greenhouse.plant.watered", "msg": body})

    assert KNOWN.describe(message).summary.startswith("Somebody watered ")
