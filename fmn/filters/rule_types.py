"""The rules that people can pick: those that the catalogue gives, and the generic ones.

Names and arguments are those that FMN 2 users know. An argument may list several values, separated by
commas: any of them will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import re2

from fmn.catalog import Argument, Catalog, catalog
from fmn.catalog.events import Application, ApplicationRule, EventType
from fmn.catalog.registry import CatalogError
from fmn.catalog.text import listed
from fmn.filters.conditions import (
    COMMITS_TO,
    NAMED,
    WATCHES_IT,
    Check,
    Condition,
    Has,
    Key,
    KeyKind,
    Subject,
    Ties,
)
from fmn.filters.expressions import ME, Expression, Rule, rules_in

#: A regular expression that compiles to more than this much memory, in bytes, is refused.
REGEX_MEMORY = 1 << 20
#: Nobody types a longer argument by hand; a list of package names may get near it.
LONGEST_ARGUMENT = 10_000

#: Halves of surrogate pairs, which JSON can hold but no text.
_HALVES = re.compile("[\ud800-\udfff]")

Arguments = Mapping[str, str]


class RuleError(ValueError):
    """A rule that can't be asked; the text says in one sentence what's wrong with it."""


@dataclass(frozen=True)
class RuleType:
    """One question that can be asked of any message.

    ``condition`` turns arguments into what the matcher evaluates, and raises :class:`RuleError` for
    arguments that mean nothing. With ``negates`` the rule holds when its condition doesn't.
    ``offered`` is false for rules whose application is gone.
    """

    name: str
    title: str
    help: str
    application: str
    condition: Callable[[Arguments], Condition]
    arguments: tuple[Argument, ...] = ()
    negates: bool = False
    offered: bool = True


class RuleTypes:
    """All rule types by name. Raises :class:`~fmn.catalog.registry.CatalogError` if two have the same."""

    def __init__(self, types: Iterable[RuleType]) -> None:
        self.by_name: Mapping[str, RuleType] = _by_name(types)

    def condition(self, rule: Rule) -> tuple[Condition, bool]:
        """What to evaluate for a rule, and whether it holds when that's false. Raises :class:`RuleError`."""
        rule_type = self.by_name.get(rule.name)
        if rule_type is None:
            raise RuleError(f"there is no rule {rule.name!r}")
        arguments = dict(rule.arguments)
        _check_arguments(rule_type, arguments)
        return rule_type.condition(arguments), rule_type.negates

    def check(self, expression: Expression) -> None:
        """Raise :class:`RuleError` for the first rule of an expression that can't be asked."""
        for rule in rules_in(expression):
            self.condition(rule)


def _by_name(types: Iterable[RuleType]) -> Mapping[str, RuleType]:
    found: dict[str, RuleType] = {}
    for rule_type in types:
        if rule_type.name in found:
            raise CatalogError(
                f"the application {rule_type.application!r} has a rule named {rule_type.name!r}, "
                f"as {found[rule_type.name].application!r} has already")
        found[rule_type.name] = rule_type
    return found


def _check_arguments(rule_type: RuleType, given: Arguments) -> None:
    wanted = [argument.name for argument in rule_type.arguments]
    if unknown := sorted(given.keys() - set(wanted)):
        raise RuleError(f"the rule {rule_type.name} takes no argument {unknown[0]!r}")
    for name in wanted:
        if not given.get(name, "").strip():
            raise RuleError(f"the rule {rule_type.name} needs its argument {name!r}")
        if len(given[name]) > LONGEST_ARGUMENT:
            raise RuleError(
                f"the argument {name!r} of {rule_type.name} is longer than {LONGEST_ARGUMENT} characters")
        if _HALVES.search(given[name]):
            raise RuleError(f"the argument {name!r} of {rule_type.name} has half a character in it")


def _values(arguments: Arguments, name: str) -> list[str]:
    values = listed(arguments[name])
    if not values:
        raise RuleError(f"the argument {name!r} names nothing")
    return values


def _people(arguments: Arguments, kinds: Iterable[KeyKind], ties: Ties) -> Has:
    nicks = _values(arguments, "fasnick")
    keys = frozenset((kind, nick) for nick in nicks if nick != ME for kind in kinds)
    return Has(keys, ties if ME in nicks else 0)


def _any_key(kind: KeyKind, argument: str) -> Callable[[Arguments], Condition]:
    return lambda arguments: Has(frozenset((kind, value) for value in _values(arguments, argument)))


def pattern(text: str) -> re2._Regexp[bytes]:
    """Compile a regular expression that a user typed, to search UTF-8. Raises :class:`RuleError`."""
    options = re2.Options()
    options.max_mem = REGEX_MEMORY
    options.log_errors = False
    try:
        return re2.compile(text.encode(), options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace")
        raise RuleError(f"the regular expression {text!r} can't be used: {reason}") from None


def _message_regex(arguments: Arguments) -> Condition:
    search = pattern(arguments["pattern"]).search
    return Check("regex_filter", tuple(arguments.items()), lambda s: search(s.text) is not None)


def _package_regex(arguments: Arguments) -> Condition:
    search = pattern(arguments["pattern"]).search

    def holds(subject: Subject) -> bool:
        return any(search(_bytes(package.name)) is not None for package in subject.facts.packages)

    return Check("package_regex_filter", tuple(arguments.items()), holds)


def _topic(arguments: Arguments) -> Condition:
    globs = (glob.split("*") for glob in _values(arguments, "pattern"))
    fits = pattern("(?s)" + "|".join(".*".join(map(re2.escape, parts)) for parts in globs)).fullmatch

    def holds(subject: Subject) -> bool:
        return fits(_bytes(subject.facts.message.topic)) is not None

    return Check("topic_filter", tuple(arguments.items()), holds)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


NICK = Argument("fasnick", "Account name", "One account name, or several separated by commas.", "mary")
PATTERN = Argument("pattern", "Regular expression", "In RE2's syntax.", "^python-")

GENERIC = (
    RuleType(
        "user_filter", "Concerns a person", "The message names this account.", "generic",
        lambda a: _people(a, (KeyKind.USER,), NAMED), (NICK,)),
    RuleType(
        "not_user_filter", "Concerns other people", "The message names none of these accounts.", "generic",
        lambda a: _people(a, (KeyKind.USER,), NAMED), (NICK,), negates=True),
    RuleType(
        "fas_group_member_filter", "Concerns a member of a group",
        "The message names somebody who is in this group.", "generic",
        _any_key(KeyKind.GROUP, "group"), (Argument("group", "Group", sample="packager"),)),
    RuleType(
        "user_package_filter", "Concerns somebody's packages",
        "The message is about a package that this account maintains or watches.", "generic",
        lambda a: _people(a, (KeyKind.COMMITS, KeyKind.WATCHES), COMMITS_TO | WATCHES_IT), (NICK,)),
    RuleType(
        "user_package_commit_filter", "Concerns packages somebody maintains",
        "The message is about a package that this account may commit to.", "generic",
        lambda a: _people(a, (KeyKind.COMMITS,), COMMITS_TO), (NICK,)),
    RuleType(
        "user_package_watch_filter", "Concerns packages somebody watches",
        "The message is about a package that this account watches.", "generic",
        lambda a: _people(a, (KeyKind.WATCHES,), WATCHES_IT), (NICK,)),
    RuleType(
        "package_filter", "Concerns a package",
        "The message is about this package: php, or rpms/php for one namespace only.", "generic",
        _any_key(KeyKind.PACKAGE, "package"), (Argument("package", "Package", sample="kernel"),)),
    RuleType(
        "package_regex_filter", "Concerns packages by pattern",
        "The name of one of the message's packages fits this regular expression.", "generic",
        _package_regex, (PATTERN,)),
    RuleType(
        "regex_filter", "Contains a text",
        "The message's body, as JSON text, fits this regular expression.", "generic",
        _message_regex, (PATTERN,)),
    RuleType(
        "topic_filter", "Has a topic",
        "The topic fits one of these patterns, in which * stands for any characters.", "generic",
        _topic, (Argument("pattern", "Topic pattern", sample="*.bodhi.update.*"),)),
)


def rule_types_of(known: Catalog) -> Iterator[RuleType]:
    """The rule types that a catalogue gives."""
    for application in known.applications.values():
        yield from _application_rule_types(application)


def _application_rule_types(application: Application) -> Iterator[RuleType]:
    if application.catchall:
        keys: frozenset[Key] = frozenset({(KeyKind.CATEGORY, application.category)})
        yield RuleType(
            application.catchall, f"Anything from {application.title}", application.help,
            application.category, _constant(Has(keys)), offered=not application.retired)
    for event in application.event_types:
        yield _event_rule_type(application, event)
    for rule in application.rules:
        yield RuleType(
            rule.name, rule.title, rule.help, application.category,
            _application_condition(rule), rule.arguments, offered=not application.retired)


def _event_rule_type(application: Application, event: EventType) -> RuleType:
    return RuleType(
        event.name, event.title, event.help, application.category,
        _constant(Has(frozenset({(KeyKind.EVENT, event.name)}))),
        offered=not (application.retired or event.retired))


def _constant(condition: Condition) -> Callable[[Arguments], Condition]:
    return lambda _arguments: condition


def _application_condition(rule: ApplicationRule) -> Callable[[Arguments], Condition]:
    if rule.any_of:
        return _constant(Has(frozenset((KeyKind.EVENT, name) for name in rule.any_of)))
    holds = rule.holds
    if holds is None:
        raise TypeError(f"the rule {rule.name} says neither when it holds nor of which events it is true")

    def condition(arguments: Arguments) -> Condition:
        return Check(rule.name, tuple(sorted(arguments.items())), lambda s: holds(s.facts, arguments))

    return condition


@cache
def rule_types() -> RuleTypes:
    """All rule types of this process."""
    return RuleTypes([*GENERIC, *rule_types_of(catalog())])
