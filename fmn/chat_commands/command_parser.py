"""Parser of chat commands. Pure.

Commands are case-insensitive, and may begin with ``!`` or ``fmn:``, as people address bots in channels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final

from fmn.text import one_line, shorten
from fmn.translations import gettext, mark


@dataclass(frozen=True)
class EmptyCommand:
    """An empty message."""


@dataclass(frozen=True)
class HelpCommand:
    """``help``: list the commands."""


@dataclass(frozen=True)
class ConfirmCommand:
    """``confirm CODE``: confirm the sender's address. ``code`` is ``""`` if it was left out."""

    code: str


@dataclass(frozen=True)
class SwitchCommand:
    """``start`` and ``stop``: switch the sender's notifications here on or off."""

    on: bool


@dataclass(frozen=True)
class ListCategoriesCommand:
    """``list categories``: list the applications."""


@dataclass(frozen=True)
class ListRulesCommand:
    """``list rules CATEGORY``: list the rules of an application."""

    category: str


@dataclass(frozen=True)
class ListFiltersCommand:
    """``list filters [NAME]``: list the sender's filters, or describe one."""

    name: str = ""


@dataclass(frozen=True)
class WhyCommand:
    """``why [NUMBER]``: explain the last notification here, or an earlier one."""

    number: int = 1


@dataclass(frozen=True)
class MuteCommand:
    """``mute PACKAGE``: mute a package for a span, until a day or, with ``None``, for ever."""

    package: str
    span: timedelta | date | None = None


@dataclass(frozen=True)
class ListMutesCommand:
    """``mutes``: list the sender's mutes."""


@dataclass(frozen=True)
class UnmuteCommand:
    """``unmute PACKAGE``: remove a mute."""

    package: str


@dataclass(frozen=True)
class PauseCommand:
    """``pause``: pause all the sender's notifications everywhere, for a span or until a day."""

    span: timedelta | date


@dataclass(frozen=True)
class ResumeCommand:
    """``resume``: end a pause."""


@dataclass(frozen=True)
class UnknownCommand:
    """Not a command. The ``sentence`` to say, once it's known in which language, and its ``values``."""

    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def hint(self) -> str:
        """The answer."""
        return gettext(self.sentence).format(**self.values)


Command = (
    EmptyCommand | HelpCommand | ConfirmCommand | SwitchCommand | ListCategoriesCommand | ListRulesCommand
    | ListFiltersCommand | WhyCommand | MuteCommand | ListMutesCommand
    | UnmuteCommand | PauseCommand | ResumeCommand | UnknownCommand)

_ADDRESSED: Final = re.compile(r"(?:(?:fmn\s*[:,]|!)\s*)+", re.IGNORECASE)
_UNITS: Final[Mapping[str, timedelta]] = {
    "minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1),
    "week": timedelta(weeks=1)}
_FOR: Final = re.compile(r"for (?P<number>an?|\d{1,4}) (?P<unit>minute|hour|day|week)s?", re.IGNORECASE)
_UNTIL: Final = re.compile(r"until (2\d{3}-\d\d-\d\d)", re.IGNORECASE)
_FOR_EVER: Final = re.compile(r"for ?ever|", re.IGNORECASE)
#: Things that were sent, counted back from the last one.
_NUMBER: Final = re.compile(r"[1-9]\d{0,3}", re.ASCII)

_DID_YOU_MEAN: Final = mark("Unknown command “{name}”. Did you mean “{meant}”?")
_SAY_HELP: Final = mark("Unknown command “{name}”. Say “help” for all commands.")
_SWITCHES: Final[Mapping[bool, str]] = {
    True: mark("“start” alone switches all notifications here on. "
               "For a package, say “mute” or “unmute” and its name."),
    False: mark("“stop” alone switches all notifications here off. "
                "For a package, say “mute” or “unmute” and its name.")}
_LISTS: Final = mark("Say “list categories”, “list rules CATEGORY” or “list filters”.")
_LIST_MEANT: Final = mark("Did you mean “list {meant}”?")
_RULES: Final = mark("Name an application: “list rules CATEGORY”. “list categories” lists them.")
_WHY: Final = mark("Say “why” for the last notification here, “why 2” for the one before it, and so on.")
_MUTES: Final = mark(
    "Name a package, and how long: “mute kernel”, “mute kernel for 3 days” or "
    "“mute kernel until 2026-12-01”.")
_UNMUTES: Final = mark("Name a package: “unmute kernel”. “mutes” lists your mutes.")
_PAUSES: Final = mark(
    "Say how long: “pause for an hour” or “pause until 2026-12-01”. “resume” ends it.")


def parse_command(text: str) -> Command:
    """Parse a message; whatever isn't a command is an :class:`UnknownCommand`."""
    words = one_line(text)
    if to_us := _ADDRESSED.match(words):
        words = words[to_us.end():]
    name, _, rest = words.partition(" ")
    if not name:
        return EmptyCommand()
    read = _COMMANDS.get(name.lower())
    return read(rest.strip()) if read else _unknown(name)


def _unknown(name: str) -> UnknownCommand:
    shown = shorten(name, 30)
    if close := get_close_matches(name.lower(), _COMMANDS, n=1):
        return UnknownCommand(_DID_YOU_MEAN, {"name": shown, "meant": close[0]})
    return UnknownCommand(_SAY_HELP, {"name": shown})


def _switch(*, on: bool) -> Callable[[str], Command]:
    return lambda rest: UnknownCommand(_SWITCHES[on]) if rest else SwitchCommand(on=on)


def _list(rest: str) -> Command:
    what, _, which = rest.partition(" ")
    read = _KINDS.get(what.lower())
    if read:
        return read(which.strip())
    close = get_close_matches(what.lower(), _KINDS, n=1)
    return UnknownCommand(_LIST_MEANT, {"meant": close[0]}) if close else UnknownCommand(_LISTS)


def _list_rules(category: str) -> Command:
    return ListRulesCommand(category.lower()) if category else UnknownCommand(_RULES)


def _why(rest: str) -> Command:
    if not rest:
        return WhyCommand()
    if _NUMBER.fullmatch(rest):
        return WhyCommand(int(rest))
    return UnknownCommand(_WHY)


def _mute(rest: str) -> Command:
    package, _, how_long = rest.partition(" ")
    if not package:
        return UnknownCommand(_MUTES)
    if _FOR_EVER.fullmatch(how_long):
        return MuteCommand(package)
    span = _span(how_long)
    return UnknownCommand(_MUTES) if span is None else MuteCommand(package, span)


def _pause(rest: str) -> Command:
    span = _span(rest)
    return UnknownCommand(_PAUSES) if span is None else PauseCommand(span)


def _span(words: str) -> timedelta | date | None:
    """What ``for 3 days`` or ``until 2026-12-01`` means; ``None`` for anything else."""
    if found := _FOR.fullmatch(words):
        number = int(found["number"]) if found["number"].isdigit() else 1
        return number * _UNITS[found["unit"].lower()] if number else None
    found = _UNTIL.fullmatch(words)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:  # the 31st of a month that has none
        return None


def _unmute(rest: str) -> Command:
    return UnmuteCommand(rest) if rest else UnknownCommand(_UNMUTES)


def _nothing_more(command: Command) -> Callable[[str], Command]:
    return lambda _rest: command


_KINDS: Final[Mapping[str, Callable[[str], Command]]] = {
    "categories": _nothing_more(ListCategoriesCommand()), "rules": _list_rules, "filters": ListFiltersCommand,
    "mutes": _nothing_more(ListMutesCommand())}
_COMMANDS: Final[Mapping[str, Callable[[str], Command]]] = {
    "help": _nothing_more(HelpCommand()), "confirm": ConfirmCommand, "start": _switch(on=True),
    "stop": _switch(on=False),
    "list": _list, "why": _why, "mute": _mute, "mutes": _nothing_more(ListMutesCommand()), "unmute": _unmute,
    "pause": _pause, "resume": _nothing_more(ResumeCommand())}
#: The words that commands begin with.
COMMAND_NAMES: Final[Sequence[str]] = tuple(_COMMANDS)
