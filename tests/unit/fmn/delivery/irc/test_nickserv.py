from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.irc.nickserv import (
    NickServReply,
    NickStatus,
    OwnershipCommand,
    ownership_query,
    parse_nickserv_reply,
)


@pytest.mark.parametrize(("ownership", "asked"), [("acc", "ACC alice"), ("status", "STATUS alice")])
def test_services_are_asked_in_their_own_way(ownership: OwnershipCommand, asked: str) -> None:
    assert ownership_query(ownership, "alice") == asked


@pytest.mark.parametrize(("ownership", "text", "nick_status"), [
    ("acc", "Alice ACC 3", NickStatus.OWNER),
    ("acc", "Alice ACC 3 ", NickStatus.OWNER),
    ("acc", "\x02Alice\x02 ACC 3", NickStatus.OWNER),
    ("acc", "\x0304Alice\x0f ACC 3", NickStatus.OWNER),
    ("acc", "Alice -> alice ACC 3", NickStatus.OWNER),
    ("acc", "Alice ACC 2", NickStatus.STRANGER),
    ("acc", "Alice ACC 1", NickStatus.STRANGER),
    ("acc", "Alice ACC 0 (offline)", NickStatus.NOBODY),
    ("acc", "Alice ACC 0 (not registered)", NickStatus.NOBODY),
    ("status", "STATUS Alice 3 Alice", NickStatus.OWNER),
    ("status", "STATUS Alice 3", NickStatus.OWNER),
    ("status", "STATUS Alice 2 Alice", NickStatus.STRANGER),
    ("status", "STATUS Alice 1", NickStatus.STRANGER),
    ("status", "STATUS Alice 0 ", NickStatus.NOBODY),
])
def test_their_answers_say_who_somebody_is(
    ownership: OwnershipCommand, text: str, nick_status: NickStatus,
) -> None:
    assert parse_nickserv_reply(ownership, text) == NickServReply("alice", nick_status)


@pytest.mark.parametrize(("ownership", "text"), [
    ("acc", "STATUS alice 3"),
    ("status", "alice ACC 3"),
    ("acc", "This nickname is registered. alice ACC 3"),
    ("acc", "alice ACC 4"),
    ("acc", "alice ACC 30"),
    ("acc", "alice bob ACC 3"),
    ("status", "STATUS alice 3alice"),
    ("status", "xSTATUS alice 3"),
    ("acc", ""),
])
def test_what_else_they_say_is_no_answer(ownership: OwnershipCommand, text: str) -> None:
    assert parse_nickserv_reply(ownership, text) is None


@given(st.sampled_from(["acc", "status"]), st.text())
def test_whatever_they_say_is_read(ownership: OwnershipCommand, text: str) -> None:
    answer = parse_nickserv_reply(ownership, text)
    assert answer is None or answer.nick.lower() in text.lower()
