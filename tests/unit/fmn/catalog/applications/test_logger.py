from __future__ import annotations

from tests.messages import described, facts


def test_a_line_is_told_as_it_was_sent() -> None:
    told = described("logger.log", {"log": "The greenhouse is open.\nCome in."})

    assert told.summary == 'The log says "The greenhouse is open. Come in."'
    assert told.long == "The greenhouse is open.\nCome in."
    assert facts("logger.log", {"log": "x"}).usernames == frozenset()


def test_no_line_is_told_too() -> None:
    assert described("logger.log", {}).summary == "The log says nothing"
