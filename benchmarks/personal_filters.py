"""Filters of people's own, made up: mostly a package each, some another person, and some a pattern."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import overload

from benchmarks.naive_matcher import NamedFilter
from fmn.filters.expressions import ME, All, Expression, Not, Rule

FILTERS_EACH = 6
#: Shares of filters about a package, about a person, and with a pattern for packages; the rest has one for
#: the text.
PACKAGES, PEOPLE, PACKAGE_PATTERNS = 0.70, 0.15, 0.10

_LANGUAGES = ("golang", "nodejs", "perl", "php", "python", "ruby", "rust")
_LETTERS = "abcdefgh"
#: What patterns for the text begin with. Most are in few messages, and some in many.
_WORDS = (
    "build", "failed", "stable", "testing", "security", "rawhide", "f4[0-9]", "mass.?rebuild", "koji",
    "glibc", "(?i)review", "(?i)new.?package", "systemd")
#: Patterns end with a number below.
_PACKAGE_NUMBERS, _TEXT_NUMBERS = 10_000, 100_000


def personal_package(number: int) -> str:
    """The name of a package by number, such as ``perl-b0000017``."""
    return f"{_LANGUAGES[number % len(_LANGUAGES)]}-{_LETTERS[number // 7 % len(_LETTERS)]}{number:07}"


class PersonalFilters(Sequence[NamedFilter]):
    """Filters of one of ``size`` people, made when they're asked for: all of a million take gigabytes."""

    __slots__ = ("_number", "_size")

    def __init__(self, number: int, size: int) -> None:
        self._number = number
        self._size = size

    def __len__(self) -> int:
        return FILTERS_EACH

    @overload
    def __getitem__(self, place: int) -> NamedFilter: ...

    @overload
    def __getitem__(self, place: slice) -> list[NamedFilter]: ...

    def __getitem__(self, place: int | slice) -> NamedFilter | list[NamedFilter]:
        return list(self)[place]

    def __iter__(self) -> Iterator[NamedFilter]:
        chance = random.Random(self._number * 1_000_003 + self._size)
        for place in range(FILTERS_EACH):
            yield NamedFilter(f"filter {place}", _expression(chance, self._size))


def _expression(chance: random.Random, size: int) -> Expression:
    kind = chance.random()
    if kind < PACKAGES:
        package = personal_package(chance.randrange(size))
        return All((_rule("package_filter", package=package), Not(Rule("bodhi_update_comment"))))
    if kind < PACKAGES + PEOPLE:
        person = f"person{chance.randrange(size):07}"
        return All((_rule("user_filter", fasnick=person), _rule("not_user_filter", fasnick=ME)))
    if kind < PACKAGES + PEOPLE + PACKAGE_PATTERNS:
        start = f"^{chance.choice(_LANGUAGES)}-?{chance.choice(_LETTERS)}"
        pattern = f"{start}.*{chance.randrange(_PACKAGE_NUMBERS)}"
        return All((_rule("package_regex_filter", pattern=pattern), Not(Rule("git_receive"))))
    return All((_rule(
        "regex_filter", pattern=f"{chance.choice(_WORDS)}.*{chance.randrange(_TEXT_NUMBERS)}"),))


def _rule(name: str, **arguments: str) -> Rule:
    return Rule.of(name, arguments)
