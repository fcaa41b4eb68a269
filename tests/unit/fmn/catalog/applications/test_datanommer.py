from __future__ import annotations

from tests.messages import described, facts


def test_a_duplicate_message_concerns_nobody() -> None:
    told = described("datanommer.wat", {"uuid": "2026-4711"})

    assert facts("datanommer.wat", {"uuid": "2026-4711"}).usernames == frozenset()
    assert told.summary == "A message came to datanommer with the id of an earlier one"
    assert told.long == "Message: 2026-4711"
