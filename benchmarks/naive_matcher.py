"""Whom a message concerns, found the slow way: for each person, context and filter, ask every rule.

It shares nothing with the matcher but rules, facts and directories as values: no conditions, no
compiler, no index. What FMN 2's rules mean is written down here a second time, so that tests can hold the
index against it, and benchmarks can say what the index is worth.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import re2

from fmn.catalog import Catalog, Facts, Package
from fmn.directory.snapshot import Directory, Ownership
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule


class NamedFilter(NamedTuple):
    """One filter of a person."""

    name: str
    expression: Expression


#: Each person's filters, in order, by context.
Filters = Mapping[str, Sequence[NamedFilter]]


class Concerned(NamedTuple):
    """A message concerns somebody in a context because of one of their filters."""

    nick: str
    context: str
    filter: str


class NaiveEvaluator:
    """Asks everybody's rules, by nick."""

    def __init__(self, people: Mapping[str, Filters], directory: Directory, catalog: Catalog) -> None:
        self._people = people
        self._directory = directory
        self._catalog = catalog
        commits = _packages_by_owner(directory.committers, directory)
        watches = _packages_by_owner(directory.watchers, directory)
        self._owned = {
            "user_package_filter": (commits, watches),
            "user_package_commit_filter": (commits,),
            "user_package_watch_filter": (watches,),
            "maintains": (commits,),
            "watches": (watches,),
            "group_maintains": (_packages_by_group(directory.committers),),
        }
        self._catchalls = {a.catchall: a.category for a in catalog.applications.values() if a.catchall}
        self._rules = {
            rule.name: (rule.category or a.category, rule)
            for a in catalog.applications.values() for rule in a.rules
        }

    def match(self, facts: Facts) -> list[Concerned]:
        """Whom the message concerns: for each person and context the first filter that holds."""
        return list(self._matches(facts))

    def _matches(self, facts: Facts) -> Iterator[Concerned]:
        for nick, contexts in self._people.items():
            for context, filters in contexts.items():
                for name, expression in filters:
                    if self.holds(expression, facts, nick):
                        yield Concerned(nick, context, name)
                        break

    def holds(self, expression: Expression, facts: Facts, nick: str) -> bool:
        """Whether a filter of ``nick`` holds for a message."""
        match expression:
            case Rule(name, arguments):
                return self._rule_holds(name, dict(arguments), facts, nick)
            case Not(part):
                return not self.holds(part, facts, nick)
            case All(parts):
                return bool(parts) and all(self.holds(part, facts, nick) for part in parts)
            case AnyOf(parts):
                return any(self.holds(part, facts, nick) for part in parts)

    def _rule_holds(self, name: str, arguments: Mapping[str, str], facts: Facts, nick: str) -> bool:  # noqa: PLR0911
        match name:
            case "user_filter":
                return any(person in facts.usernames for person in _people(arguments, nick))
            case "not_user_filter":
                return all(person not in facts.usernames for person in _people(arguments, nick))
            case "fas_group_member_filter":
                return any(
                    person in self._directory.groups.get(group, ())
                    for group in _listed(arguments["group"]) for person in facts.usernames)
            case "user_package_filter" | "user_package_commit_filter" | "user_package_watch_filter":
                return any(
                    _concerns(facts, owned.get(person, _NOTHING))
                    for person in _people(arguments, nick) for owned in self._owned[name])
            case "package_filter":
                return any(
                    wanted in (package.name, f"{package.namespace}/{package.name}")
                    for wanted in _listed(arguments["package"]) for package in facts.packages)
            case "package_regex_filter":
                return any(re2.search(arguments["pattern"], package.name) for package in facts.packages)
            case "regex_filter":
                text = json.dumps(facts.message.body, ensure_ascii=False)
                return re2.search(arguments["pattern"], text) is not None
            case "topic_filter":
                return any(_like(facts.message.topic, glob) for glob in _listed(arguments["pattern"]))
            case _:
                return self._newer_rule_holds(name, arguments, facts, nick)

    def _newer_rule_holds(  # noqa: PLR0911
        self, name: str, arguments: Mapping[str, str], facts: Facts, nick: str,
    ) -> bool:
        match name:
            case "maintains" | "watches" | "group_maintains":
                owners = _listed(arguments["group"]) if "group" in arguments else _people(arguments, nick)
                return any(
                    mentioned.name == theirs.name and mentioned.namespace in ("", theirs.namespace)
                    for owner in owners for owned in self._owned[name]
                    for mentioned in facts.packages for theirs in owned.get(owner, _NOTHING))
            case "group":
                return any(group in facts.groups for group in _listed(arguments["group"]))
            case "member":
                return any(
                    person in self._directory.groups.get(group, ())
                    for person in _people(arguments, nick) for group in facts.groups)
            case "actor":
                return facts.agent in _people(arguments, nick)
            case "application":
                return facts.message.category in _listed(arguments["application"])
            case "event":
                return facts.event.name in _listed(arguments["event"])
            case "severity":
                return _SEVERITIES.index(facts.event.severity) >= _SEVERITIES.index(arguments["severity"])
            case "field":
                wanted = _listed(arguments["value"])
                return any(text in wanted for text in _texts(facts.message.body, arguments["path"]))
            case "field_regex":
                return any(
                    re2.search(arguments["pattern"], text) is not None
                    for text in _texts(facts.message.body, arguments["path"]))
            case _:
                return self._application_rule_holds(name, arguments, facts)

    def _application_rule_holds(self, name: str, arguments: Mapping[str, str], facts: Facts) -> bool:
        if name in self._catchalls:
            return facts.message.category == self._catchalls[name]
        if name not in self._rules:
            return facts.event.name == self._catalog.events_by_name[name].name
        category, rule = self._rules[name]
        if rule.holds is None:
            return facts.event.name in rule.any_of
        return facts.message.category == category and rule.holds(facts, arguments)


_SEVERITIES = ("debug", "info", "warning", "error")
_NOTHING: frozenset[Package] = frozenset()


def _packages_by_owner(ownership: Ownership, directory: Directory) -> Mapping[str, frozenset[Package]]:
    found: defaultdict[str, set[Package]] = defaultdict(set)
    for namespace, packages in ownership.items():
        for package, owners in packages.items():
            for owner in owners:
                people = directory.groups.get(owner[1:], ()) if owner.startswith("@") else (owner,)
                for person in people:
                    found[person].add(Package(namespace, package))
    return {person: frozenset(packages) for person, packages in found.items()}


def _packages_by_group(ownership: Ownership) -> Mapping[str, frozenset[Package]]:
    found: defaultdict[str, set[Package]] = defaultdict(set)
    for namespace, packages in ownership.items():
        for package, owners in packages.items():
            for owner in owners:
                if owner.startswith("@"):
                    found[owner[1:]].add(Package(namespace, package))
    return {group: frozenset(packages) for group, packages in found.items()}


def _concerns(facts: Facts, owned: frozenset[Package]) -> bool:
    """Whether a message is about one of somebody's packages; mostly its name is all that counts."""
    by_name = not facts.event.owners_by_namespace
    return any(
        mentioned.name == mine.name and (by_name or mentioned.namespace in ("", mine.namespace))
        for mentioned in facts.packages for mine in owned)


def _people(arguments: Mapping[str, str], nick: str) -> list[str]:
    return [nick if person == ME else person for person in _listed(arguments["fasnick"])]


def _listed(text: str) -> list[str]:
    return [value.strip() for value in text.split(",") if value.strip()]


def _like(topic: str, glob: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in glob.split("*")), topic, re.DOTALL) is not None


def _texts(body: object, path: str) -> Iterator[str]:
    step, dot, rest = path.partition(".")
    if isinstance(body, dict):
        inner = {key: value for key, value in body.items() if step in ("*", key)}
        if step == "*" and not dot:
            yield from inner
    elif isinstance(body, list):
        inner = {str(place): value for place, value in enumerate(body) if step in ("*", str(place))}
    else:
        return
    for value in inner.values():
        if dot:
            yield from _texts(value, rest)
        elif not isinstance(value, dict | list):
            yield value if isinstance(value, str) else json.dumps(value)
