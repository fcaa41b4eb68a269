from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fmn.chat_commands.reply_format import MAX_LINES, truncate_lines, wrap_names


@given(st.integers(0, 200))
def test_no_answer_has_more_lines_than_a_screen_and_none_goes_uncounted(count: int) -> None:
    lines = truncate_lines([f"line {number}" for number in range(count)], "https://fmn.example.org")
    assert len(lines) <= MAX_LINES
    if count <= MAX_LINES:
        assert list(lines) == [f"line {number}" for number in range(count)]
    else:
        assert lines[-1] == f"and {count - MAX_LINES + 1} more: https://fmn.example.org"


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=30)), st.integers(40, 400))
def test_names_in_lines_are_all_there_and_no_line_is_too_long(names: list[str], room: int) -> None:
    lines = list(wrap_names(names, room))
    assert " ".join(lines) == ", ".join(names)
    assert all(len(line) <= room + 1 for line in lines)
