from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.irc.about import ABOUT
from fmn.delivery.irc.nicks import is_nick
from fmn.delivery.irc.settings import IrcSettings
from fmn.settings import Settings

SETTINGS = Settings().with_channels(irc=IrcSettings(nick="notifier"))


@pytest.mark.parametrize(("typed", "kept"), [
    ("alice", "alice"), ("  Alice\t", "alice"), ("a[lice]`_^{|}-", "a[lice]`_^{|}-"), ("_", "_"),
    ("a" * 30, "a" * 30),
])
def test_a_nick_is_an_address_whoever_writes_it_how(typed: str, kept: str) -> None:
    assert ABOUT.parse_address(typed, SETTINGS) == kept


@pytest.mark.parametrize("typed", [
    "", " ", "1alice", "-alice", "alice bob", "alice,bob", "#alice", "alice@example.org", "ålice", "a" * 31,
    "alice\r\nQUIT", "alice!~a@example.org", ":alice", "*",
])
def test_what_cannot_be_a_nick_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="can’t be a nick on IRC") as refused:
        ABOUT.parse_address(typed, SETTINGS)
    assert str(refused.value).endswith(".")


@given(st.text())
def test_what_is_kept_is_a_nick_and_stays_as_it_is(typed: str) -> None:
    try:
        kept = ABOUT.parse_address(typed, SETTINGS)
    except ValueError:
        return
    assert is_nick(kept)
    assert ABOUT.parse_address(kept, SETTINGS) == kept


def test_people_are_told_whom_to_say_a_code_to() -> None:
    assert ABOUT.confirm_command(SETTINGS, "1234") == "/msg notifier confirm 1234"
