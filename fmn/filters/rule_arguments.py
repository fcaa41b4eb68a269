"""Arguments of rules: splitting, and checks whose errors say what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Final

from fmn.filters.expressions import ACCOUNT_ARGUMENT, ME
from fmn.filters.rule_definition import Arguments, RuleError, RuleType
from fmn.text import one_line, shorten, split_list
from fmn.translations import gettext

#: Nobody types a longer argument by hand; a list of package names may get near it.
MAX_ARGUMENT_LENGTH = 10_000

#: Halves of surrogate pairs, which JSON can hold but no text, and NUL, which no database takes in a question.
_UNASKABLE: Final = re.compile("[\0\ud800-\udfff]")
#: Services call accounts all kinds of names ("build/host.example.org"), but never any with these in them.
#: A group that acts like one person has the mark in front.
_ACCOUNT: Final = re.compile(r"@?[^\s@\"'(){}<>;*]+")
_GROUP: Final = re.compile(r"[^\s@\"'(){}<>;*/]+")
_PACKAGE: Final = re.compile(r"([^\s@\"'(){}<>;*/]+/)?[^\s@\"'(){}<>;*/]+")


def check_arguments(rule_type: RuleType, given: Arguments) -> None:
    """Raise :class:`RuleError` unless these are the rule's arguments and can be stored."""
    wanted = [argument.name for argument in rule_type.arguments]
    if unknown := sorted(given.keys() - set(wanted)):
        raise RuleError(gettext("the rule {rule} takes no argument {name}").format(
            rule=rule_type.name, name=repr(unknown[0])))
    for name in wanted:
        if not given.get(name, "").strip():
            raise RuleError(gettext("the rule {rule} needs its argument {name}").format(
                rule=rule_type.name, name=repr(name)))
        if len(given[name]) > MAX_ARGUMENT_LENGTH:
            raise RuleError(gettext("the argument {name} of {rule} is longer than {most} characters").format(
                name=repr(name), rule=rule_type.name, most=MAX_ARGUMENT_LENGTH))
        if _UNASKABLE.search(given[name]):
            raise RuleError(gettext(
                "the argument {name} of {rule} has a character in it that can't be kept",
            ).format(name=repr(name), rule=rule_type.name))


def argument_values(arguments: Arguments, name: str) -> list[str]:
    """The values that an argument lists. Raises :class:`RuleError` if there are none."""
    found = split_list(arguments[name])
    if not found:
        raise RuleError(gettext("the argument {name} names nothing").format(name=repr(name)))
    return found


def suggestion(name: str, known: Iterable[str]) -> str:
    """``; did you mean …?`` if a known name is close, else ``""``."""
    close = difflib.get_close_matches(name.lower(), known, n=1)
    return gettext("; did you mean {name}?").format(name=close[0]) if close else ""


def check_accounts(arguments: Arguments) -> None:
    """Raise :class:`RuleError` for values that can't be usernames."""
    for name in argument_values(arguments, ACCOUNT_ARGUMENT):
        if name != ME and not _ACCOUNT.fullmatch(name):
            raise RuleError(_no_account(name))


def _no_account(name: str) -> str:
    local, at, domain = name.partition("@")
    if local and at and domain and not re.search(r"\s", name):
        return gettext("{name} is an address: write the account's name, as in {local}").format(
            name=_shown(name), local=local)
    return gettext(
        "{name} can't be an account's name: several are separated by commas, as in mary, tom",
    ).format(name=_shown(name))


def check_packages(arguments: Arguments) -> None:
    """Raise :class:`RuleError` for values that can't be names of packages."""
    for name in argument_values(arguments, "package"):
        if not _PACKAGE.fullmatch(name):
            raise RuleError(_no_package(name))


def _no_package(name: str) -> str:
    if "*" in name:
        return gettext("{name} is a pattern: the rule package_regex_filter takes one, as in ^python-").format(
            name=_shown(name))
    return gettext(
        "{name} can't be a package's name: write php, or rpms/php for one namespace, and commas between "
        "several").format(name=_shown(name))


def check_groups(arguments: Arguments) -> None:
    """Raise :class:`RuleError` for values that can't be names of groups."""
    for name in argument_values(arguments, "group"):
        if not _GROUP.fullmatch(name):
            raise RuleError(gettext(
                "{name} can't be a group's name: write it without a mark, as in packager, and commas between "
                "several").format(name=_shown(name)))


def known_value_check(
    argument: str, refusal: str, known: Iterable[str], else_use: str,
) -> Callable[[Arguments], None]:
    """A check that raises :class:`RuleError` for unknown values of an argument.

    ``refusal`` says that there's no such value. ``else_use`` names the rule for values that the catalogue
    doesn't know but the bus may have.
    """
    names = frozenset(known)

    def check(arguments: Arguments) -> None:
        for name in argument_values(arguments, argument):
            if name not in names:
                hint = suggestion(name, names) or f"; {gettext(else_use).format(name=one_line(name))}"
                raise RuleError(f"{gettext(refusal).format(name=_shown(name))}{hint}")

    return check


def _shown(name: str) -> str:
    return repr(shorten(name))
