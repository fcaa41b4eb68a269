"""Registry of rule types: those of the catalogue's applications, and the generic ones.

FMN 2's rules keep their names and arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from fmn.catalog import Catalog, catalog
from fmn.catalog.current import follow_directory, installed_catalog
from fmn.catalog.events import Application, ApplicationRule, EventType
from fmn.catalog.registry import CatalogError
from fmn.filters.conditions import CheckCondition, Condition, Key, KeyCondition, KeyKind, MessagePart
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule, rules_in
from fmn.filters.generic_rules import GENERIC_RULES, catalog_rules
from fmn.filters.rule_arguments import MAX_ARGUMENT_LENGTH, check_arguments
from fmn.filters.rule_definition import Arguments, RuleError, RuleType
from fmn.filters.rule_suggestions import RuleSuggestions
from fmn.translations import gettext

#: The environment that an installation belongs to unless its settings say otherwise.
PRODUCTION: Final = "prod"

__all__ = [
    "GENERIC_RULES",
    "MAX_ARGUMENT_LENGTH",
    "RuleError",
    "RuleType",
    "RuleTypes",
    "follow_event_types",
    "rule_types",
    "rule_types_of",
]


class RuleTypes:
    """All rule types by name. Raises :class:`~fmn.catalog.registry.CatalogError` for a name that two have."""

    def __init__(self, types: Iterable[RuleType]) -> None:
        self.by_name: Mapping[str, RuleType] = _by_name(types)

    @cached_property
    def _suggestions(self) -> RuleSuggestions:
        return RuleSuggestions(self.by_name)

    def condition(self, rule: Rule) -> tuple[Condition, bool]:
        """The matcher's condition of a rule, and whether it's negated. Raises :class:`RuleError`."""
        rule_type, arguments = self._asked(rule)
        return rule_type.condition(arguments), rule_type.negates

    def check(self, expression: Expression) -> None:
        """Raise :class:`RuleError` for the first rule of an expression that can't be saved."""
        for rule in rules_in(expression):
            self.check_rule(rule)

    def check_rule(self, rule: Rule) -> None:
        """Raise :class:`RuleError` for a rule that is unknown, or whose arguments can't match."""
        rule_type, arguments = self._asked(rule)
        rule_type.condition(arguments)
        rule_type.check(arguments)

    def canonical(self, expression: Expression) -> Expression:
        """The expression with ids in place of other names for the same: ``buildsys`` for ``Koji``."""
        match expression:
            case Rule(name, arguments):
                known = self.by_name.get(name)
                return Rule.of(name, known.canonical(dict(arguments))) if known else expression
            case Not(part):
                return Not(self.canonical(part))
            case All(parts):
                return All(tuple(map(self.canonical, parts)))
            case AnyOf(parts):
                return AnyOf(tuple(map(self.canonical, parts)))

    def _asked(self, rule: Rule) -> tuple[RuleType, Arguments]:
        rule_type = self.by_name.get(rule.name)
        if rule_type is None:
            hint = self._suggestions.did_you_mean(rule.name)
            refusal = gettext("unknown rule {name}").format(name=repr(rule.name))
            raise RuleError(f"{refusal}{hint}")
        arguments = dict(rule.arguments)
        check_arguments(rule_type, arguments)
        return rule_type, arguments


def _by_name(types: Iterable[RuleType]) -> Mapping[str, RuleType]:
    found: dict[str, RuleType] = {}
    for rule_type in types:
        if rule_type.name in found:
            raise CatalogError(
                f"the application {rule_type.application!r} has a rule named {rule_type.name!r}, "
                f"as {found[rule_type.name].application!r} has already")
        found[rule_type.name] = rule_type
    return found


def rule_types_of(known: Catalog, environment: str = PRODUCTION) -> Iterator[RuleType]:
    """The rule types of a catalogue, for an installation of this environment."""
    yield from catalog_rules(known)
    for application in known.applications.values():
        yield from _application_rule_types(application, environment)


def _application_rule_types(application: Application, environment: str) -> Iterator[RuleType]:
    if application.catchall:
        keys: frozenset[Key] = frozenset({(KeyKind.CATEGORY, application.category)})
        yield RuleType(
            application.catchall, f"Anything from {application.title}", application.help,
            application.category, _constant(KeyCondition(keys)), offered=not application.retired)
    for event in application.event_types:
        yield _event_rule_type(application, event, environment)
    for rule in application.rules:
        yield RuleType(
            rule.name, rule.title, rule.help, application.category,
            _application_condition(application, rule), rule.arguments, offered=not application.retired)


def _event_rule_type(application: Application, event: EventType, environment: str) -> RuleType:
    return RuleType(
        event.name, event.title, event.help, application.category,
        _constant(_event_condition(event, environment)),
        offered=not (application.retired or event.retired))


def _event_condition(event: EventType, environment: str) -> Condition:
    keys: frozenset[Key] = frozenset({(KeyKind.EVENT, event.name)})
    if not event.own_environment:
        return KeyCondition(keys)
    return CheckCondition(
        event.name, (("environment", environment),),
        lambda s: s.facts.reader.environment == environment, keys, frozenset({MessagePart.TOPIC}))


def _constant(condition: Condition) -> Callable[[Arguments], Condition]:
    return lambda _arguments: condition


def _application_condition(
    application: Application, rule: ApplicationRule,
) -> Callable[[Arguments], Condition]:
    if rule.any_of:
        return _constant(KeyCondition(frozenset((KeyKind.EVENT, name) for name in rule.any_of)))
    holds = rule.holds
    if holds is None:
        raise TypeError(f"the rule {rule.name} says neither when it holds nor of which events it is true")
    within: frozenset[Key] = frozenset({(KeyKind.CATEGORY, rule.category or application.category)})

    def condition(arguments: Arguments) -> Condition:
        return CheckCondition(
            rule.name, tuple(sorted(arguments.items())), lambda s: holds(s.facts, arguments), within)

    return condition


def rule_types(environment: str = PRODUCTION) -> RuleTypes:
    """All rule types of the current catalogue, for an installation of this environment."""
    return _rule_types(catalog(), environment)


# The current catalogue and the one before, in two environments at most.
@lru_cache(maxsize=4)
def _rule_types(known: Catalog, environment: str) -> RuleTypes:
    return RuleTypes([*GENERIC_RULES, *rule_types_of(known, environment)])


def follow_event_types(directory: Path | None) -> None:
    """Let the catalogue have this directory's files, whose rules can't be called like generic ones."""
    follow_directory(directory, generic_rule_names() if directory else ())


def generic_rule_names() -> frozenset[str]:
    """Names of the rules that belong to no application."""
    return frozenset(each.name for each in (*GENERIC_RULES, *catalog_rules(installed_catalog())))
