from __future__ import annotations

from fmn.delivery.irc.unsent_lines import MOST, UnsentLines


def test_what_is_left_is_remembered_until_all_is_said() -> None:
    unsaid = UnsentLines()
    assert unsaid.of("digest:1") == ()
    unsaid.note("digest:1", ["b", "c"])
    unsaid.note("digest:2", ["e"])
    unsaid.note("digest:1", ["c"])
    assert (unsaid.of("digest:1"), unsaid.of("digest:2")) == (["c"], ["e"])
    unsaid.note("digest:1", [])
    assert (unsaid.of("digest:1"), unsaid.of("digest:2")) == ((), ["e"])


def test_of_too_many_those_are_forgotten_that_broke_off_first() -> None:
    unsaid = UnsentLines()
    for number in range(MOST):
        unsaid.note(f"digest:{number}", ["a", "b"])
    unsaid.note("digest:0", ["b"])
    unsaid.note("another", ["c"])
    assert unsaid.of("digest:1") == ()
    assert (unsaid.of("digest:0"), unsaid.of("another")) == (["b"], ["c"])
