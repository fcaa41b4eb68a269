"""What accounts may be called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.people.usernames import is_username


@pytest.mark.parametrize("nick", ["alice", "Bob", "7of9", "_x", "a.b-c+d_e", "a" * 64])
def test_people_may_be_called_so(nick: str) -> None:
    assert is_username(nick)


@pytest.mark.parametrize("nick", [
    "", "@python", "-x", ".x", "two words", "a,b", "é", "a\n", "a" * 65, "<b>", "a/b", "a@example.org"])
def test_nobody_is_called_so(nick: str) -> None:
    assert not is_username(nick)


@given(st.text())
def test_a_name_fits_into_lists_headers_and_addresses(nick: str) -> None:
    if is_username(nick):
        assert nick.isascii()
        assert nick.isprintable()
        assert not set(nick) & set(" ,;:/?#@<>\"'&")
