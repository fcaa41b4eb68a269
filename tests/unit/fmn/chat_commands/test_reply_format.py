from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fmn.chat_commands.reply_format import MOST_LINES, in_line, screenful


@given(st.integers(0, 200))
def test_no_answer_has_more_lines_than_a_screen_and_none_goes_uncounted(count: int) -> None:
    lines = screenful([f"line {number}" for number in range(count)], "https://fmn.example.org")
    assert len(lines) <= MOST_LINES
    if count <= MOST_LINES:
        assert list(lines) == [f"line {number}" for number in range(count)]
    else:
        assert lines[-1] == f"and {count - MOST_LINES + 1} more: https://fmn.example.org"


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=30)), st.integers(40, 400))
def test_names_in_lines_are_all_there_and_no_line_is_too_long(names: list[str], room: int) -> None:
    lines = list(in_line(names, room))
    assert " ".join(lines) == ", ".join(names)
    assert all(len(line) <= room + 1 for line in lines)
