from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.chat_commands.command_parser import (
    NAMES,
    Confirm,
    Help,
    ListCategories,
    ListFilters,
    ListMutes,
    ListRules,
    Mute,
    Nothing,
    Switch,
    Unclear,
    Unmute,
    Why,
    read_command,
)

READ = {
    "help": Help(), "help me, please": Help(), "confirm ABCD-EFGH": Confirm("ABCD-EFGH"),
    "confirm abcd efgh": Confirm("abcd efgh"), "confirm": Confirm(""),
    "start": Switch(on=True), "stop": Switch(on=False),
    "list categories": ListCategories(), "list rules Bodhi": ListRules("bodhi"),
    "list filters": ListFilters(), "list filters My packages": ListFilters("My packages"),
    "list mutes": ListMutes(), "why": Why(), "why 1": Why(), "why 12": Why(12),
    "mute kernel": Mute("kernel"), "mute rpms/kernel for ever": Mute("rpms/kernel"),
    "mute kernel forever": Mute("kernel"), "mute kernel for 3 days": Mute("kernel", timedelta(days=3)),
    "mute kernel for a week": Mute("kernel", timedelta(weeks=1)),
    "mute kernel for an hour": Mute("kernel", timedelta(hours=1)),
    "mute kernel for 90 minutes": Mute("kernel", timedelta(minutes=90)),
    "mute kernel until 2026-12-01": Mute("kernel", date(2026, 12, 1)),
    "mutes": ListMutes(), "unmute kernel": Unmute("kernel"),
    "": Nothing(), " \x02 ": Nothing(), "!": Nothing(),
}


@pytest.mark.parametrize(("text", "command"), READ.items())
def test_what_is_said_is_read(text: str, command: object) -> None:
    assert read_command(text) == command


@pytest.mark.parametrize("mark", ["!", "fmn:", "fmn: ", "FMN, ", "fmn: !", "  ", "\x0f"])
def test_nobody_minds_how_we_are_addressed(mark: str) -> None:
    for text, command in READ.items():
        assert read_command(f"{mark}{text}") == command


@given(st.sampled_from(list(READ)), st.data())
def test_nobody_minds_the_case(text: str, data: st.DataObject) -> None:
    name = text.partition(" ")[0]
    typed = "".join(data.draw(st.sampled_from([letter.upper(), letter.lower()])) for letter in name)
    assert read_command(typed + text.removeprefix(name)) == READ[text]


@pytest.mark.parametrize(("text", "hint"), [
    ("hepl", "I don’t know “hepl”. Did you mean “help”?"),
    ("what is this", "I don’t know “what”. Say “help” for what I can do."),
    ("list", "Say “list categories”, “list rules CATEGORY” or “list filters”."),
    ("list filter", "Did you mean “list filters”?"),
    ("list rules", "Say of which application"),
    ("stop kernel", "“stop”, and nothing after it, switches all of it off here."),
    ("start now", "“start”, and nothing after it, switches all of it on here."),
    ("why not", "Say “why” for the last"),
    ("why 0", "Say “why” for the last"),
    ("mute", "“mute kernel for 3 days”"),
    ("mute kernel for 0 days", "“mute kernel for 3 days”"),
    ("mute kernel for 3 moons", "“mute kernel for 3 days”"),
    ("mute kernel until tomorrow", "“mute kernel until 2026-12-01”"),
    ("mute kernel until 2026-02-31", "“mute kernel until 2026-12-01”"),
    ("unmute", "Say which package: “unmute kernel”."),
])
def test_what_is_no_command_gets_one_hint(text: str, hint: str) -> None:
    command = read_command(text)
    assert isinstance(command, Unclear)
    assert hint in command.hint


@given(st.text() | st.builds(lambda name, rest: f"{name} {rest}", st.sampled_from(NAMES), st.text()))
def test_whatever_is_said_is_a_command_or_gets_a_short_hint(text: str) -> None:
    command = read_command(text)
    if isinstance(command, Unclear):
        assert [*map(unicodedata.category, command.hint)].count("Cc") == 0
        assert len(command.hint.encode()) <= 350


@given(st.integers(1, 9999), st.sampled_from(["minute", "hour", "day", "week"]))
def test_a_mute_lasts_as_long_as_it_is_said(number: int, unit: str) -> None:
    command = read_command(f"mute kernel for {number} {unit}s")
    assert command == Mute("kernel", timedelta(**{f"{unit}s": number}))
