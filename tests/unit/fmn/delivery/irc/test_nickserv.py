from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.irc.nickserv import Answer, Ownership, Standing, question, read_answer


@pytest.mark.parametrize(("ownership", "asked"), [("acc", "ACC alice"), ("status", "STATUS alice")])
def test_services_are_asked_in_their_own_way(ownership: Ownership, asked: str) -> None:
    assert question(ownership, "alice") == asked


@pytest.mark.parametrize(("ownership", "text", "standing"), [
    ("acc", "Alice ACC 3", Standing.OWNER),
    ("acc", "Alice ACC 3 ", Standing.OWNER),
    ("acc", "\x02Alice\x02 ACC 3", Standing.OWNER),
    ("acc", "\x0304Alice\x0f ACC 3", Standing.OWNER),
    ("acc", "Alice -> alice ACC 3", Standing.OWNER),
    ("acc", "Alice ACC 2", Standing.STRANGER),
    ("acc", "Alice ACC 1", Standing.STRANGER),
    ("acc", "Alice ACC 0 (offline)", Standing.NOBODY),
    ("acc", "Alice ACC 0 (not registered)", Standing.NOBODY),
    ("status", "STATUS Alice 3 Alice", Standing.OWNER),
    ("status", "STATUS Alice 3", Standing.OWNER),
    ("status", "STATUS Alice 2 Alice", Standing.STRANGER),
    ("status", "STATUS Alice 1", Standing.STRANGER),
    ("status", "STATUS Alice 0 ", Standing.NOBODY),
])
def test_their_answers_say_who_somebody_is(ownership: Ownership, text: str, standing: Standing) -> None:
    assert read_answer(ownership, text) == Answer("alice", standing)


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
def test_what_else_they_say_is_no_answer(ownership: Ownership, text: str) -> None:
    assert read_answer(ownership, text) is None


@given(st.sampled_from(["acc", "status"]), st.text())
def test_whatever_they_say_is_read(ownership: Ownership, text: str) -> None:
    answer = read_answer(ownership, text)
    assert answer is None or answer.nick.lower() in text.lower()
