from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.chat_commands.command_parser import (
    COMMAND_NAMES,
    ConfirmCommand,
    EmptyCommand,
    HelpCommand,
    ListCategoriesCommand,
    ListFiltersCommand,
    ListMutesCommand,
    ListRulesCommand,
    MuteCommand,
    PauseCommand,
    ResumeCommand,
    SwitchCommand,
    UnknownCommand,
    UnmuteCommand,
    WhyCommand,
    parse_command,
)

READ = {
    "help": HelpCommand(), "help me, please": HelpCommand(), "confirm ABCD-EFGH": ConfirmCommand("ABCD-EFGH"),
    "confirm abcd efgh": ConfirmCommand("abcd efgh"), "confirm": ConfirmCommand(""),
    "start": SwitchCommand(on=True), "stop": SwitchCommand(on=False),
    "list categories": ListCategoriesCommand(), "list rules Bodhi": ListRulesCommand("bodhi"),
    "list filters": ListFiltersCommand(), "list filters My packages": ListFiltersCommand("My packages"),
    "list mutes": ListMutesCommand(), "why": WhyCommand(), "why 1": WhyCommand(), "why 12": WhyCommand(12),
    "mute kernel": MuteCommand("kernel"), "mute rpms/kernel for ever": MuteCommand("rpms/kernel"),
    "mute kernel forever": MuteCommand("kernel"),
    "mute kernel for 3 days": MuteCommand("kernel", timedelta(days=3)),
    "mute kernel for a week": MuteCommand("kernel", timedelta(weeks=1)),
    "mute kernel for an hour": MuteCommand("kernel", timedelta(hours=1)),
    "mute kernel for 90 minutes": MuteCommand("kernel", timedelta(minutes=90)),
    "mute kernel until 2026-12-01": MuteCommand("kernel", date(2026, 12, 1)),
    "mutes": ListMutesCommand(), "unmute kernel": UnmuteCommand("kernel"),
    "pause for 3 days": PauseCommand(timedelta(days=3)), "pause until 2026-12-24": PauseCommand(
        date(2026, 12, 24)),
    "resume": ResumeCommand(),
    "": EmptyCommand(), " \x02 ": EmptyCommand(), "!": EmptyCommand(),
}


@pytest.mark.parametrize(("text", "command"), READ.items())
def test_what_is_said_is_read(text: str, command: object) -> None:
    assert parse_command(text) == command


@pytest.mark.parametrize("mark", ["!", "fmn:", "fmn: ", "FMN, ", "fmn: !", "  ", "\x0f"])
def test_nobody_minds_how_we_are_addressed(mark: str) -> None:
    for text, command in READ.items():
        assert parse_command(f"{mark}{text}") == command


@given(st.sampled_from(list(READ)), st.data())
def test_nobody_minds_the_case(text: str, data: st.DataObject) -> None:
    name = text.partition(" ")[0]
    typed = "".join(data.draw(st.sampled_from([letter.upper(), letter.lower()])) for letter in name)
    assert parse_command(typed + text.removeprefix(name)) == READ[text]


@pytest.mark.parametrize(("text", "hint"), [
    ("hepl", "Unknown command “hepl”. Did you mean “help”?"),
    ("what is this", "Unknown command “what”. Say “help” for all commands."),
    ("list", "Say “list categories”, “list rules CATEGORY” or “list filters”."),
    ("list filter", "Did you mean “list filters”?"),
    ("list rules", "Name an application"),
    ("stop kernel", "“stop” alone switches all notifications here off."),
    ("start now", "“start” alone switches all notifications here on."),
    ("why not", "Say “why” for the last"),
    ("why 0", "Say “why” for the last"),
    ("mute", "“mute kernel for 3 days”"),
    ("mute kernel for 0 days", "“mute kernel for 3 days”"),
    ("mute kernel for 3 moons", "“mute kernel for 3 days”"),
    ("mute kernel until tomorrow", "“mute kernel until 2026-12-01”"),
    ("mute kernel until 2026-02-31", "“mute kernel until 2026-12-01”"),
    ("pause", "“pause for an hour”"),
    ("pause kernel", "“pause for an hour”"),
    ("pause for 0 days", "“pause for an hour”"),
    ("unmute", "Name a package: “unmute kernel”."),
])
def test_what_is_no_command_gets_one_hint(text: str, hint: str) -> None:
    command = parse_command(text)
    assert isinstance(command, UnknownCommand)
    assert hint in command.hint


@given(st.text() | st.builds(lambda name, rest: f"{name} {rest}", st.sampled_from(COMMAND_NAMES), st.text()))
def test_whatever_is_said_is_a_command_or_gets_a_short_hint(text: str) -> None:
    command = parse_command(text)
    if isinstance(command, UnknownCommand):
        assert [*map(unicodedata.category, command.hint)].count("Cc") == 0
        assert len(command.hint.encode()) <= 350


@given(st.integers(1, 9999), st.sampled_from(["minute", "hour", "day", "week"]))
def test_a_mute_lasts_as_long_as_it_is_said(number: int, unit: str) -> None:
    command = parse_command(f"mute kernel for {number} {unit}s")
    assert command == MuteCommand("kernel", timedelta(**{f"{unit}s": number}))
