from __future__ import annotations

import pytest

from fmn.delivery.irc.irc_errors import NickOfflineError, error_text, is_error_numeric, numeric_error


@pytest.mark.parametrize("code", ["401", "404", "439", "477", "486", "531", "716", "263", "707"])
def test_these_say_that_a_line_was_not_passed_on(code: str) -> None:
    assert is_error_numeric(code)


@pytest.mark.parametrize("code", ["001", "301", "311", "717", "730", "731", "900", "privmsg", "pong", ""])
def test_these_do_not(code: str) -> None:
    assert not is_error_numeric(code)


@pytest.mark.parametrize("code", ["401", "406"])
def test_nobody_of_that_name_is_somebody_who_is_not_there(code: str) -> None:
    error = numeric_error("alice", code, "No such nick")
    assert isinstance(error, NickOfflineError)
    assert error.reason == "the owner of the nick alice isn't on IRC"
    assert error.code.label == "not there"


@pytest.mark.parametrize(("code", "permanent"), [
    ("531", True), ("716", True), ("404", True),
    ("439", False), ("263", False), ("486", False), ("477", False),
])
def test_what_is_not_the_recipients_doing_may_go_better_later(code: str, permanent: bool) -> None:
    error = numeric_error("alice", code, "says\x02 no")
    assert error.permanent == permanent
    assert error.reason == f"the IRC server refused: {code} says no"


def test_what_an_error_says_is_one_line() -> None:
    assert error_text(OSError("what\r\na mess")) == "what a mess"
    assert error_text(TimeoutError()) == "TimeoutError"
    assert len(error_text("x" * 1000)) <= 300
