"""People to match against: read from a file, or made up, and put into a database and a directory in bulk.

A file is JSON, maybe compressed by gzip: ``users`` with ``openid``, ``nick``, ``packages`` by namespace,
``groups`` and ``filters``; ``contexts``; ``filter_sets`` by name. Filters are a list, or the name of a
set; each has a ``name`` and ``rules``, all of which must hold, of ``code_path``, ``negated`` and
``arguments``. ``$nick`` in arguments stands for the person's nick.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.naive_matcher import NamedFilter
from benchmarks.personal_filters import PersonalFilters, personal_package
from fmn.directory.merging import DirectoryPart, merge
from fmn.directory.snapshot import Directory
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule, with_me
from fmn.filters.rule_types import RuleTypes

#: Filters that new people get, and filters of people's own.
DEFAULT, PERSONAL = "default", "personal"
#: True of no message.
NOTHING = AnyOf(())
#: Packages of a made-up person, and so owners of a package, since there are as many of these as people.
PACKAGES_EACH = 20
NAMESPACE = "rpms"
CONTEXTS = ("email", "irc", "sse")
#: Where people with filters of their own have these.
PERSONAL_CONTEXTS = ("email",)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with the same filters in every context."""

    nick: str
    openid: str
    packages: Mapping[str, Sequence[str]]
    groups: Sequence[str]
    filters: Sequence[NamedFilter]


@dataclass(frozen=True)
class Population:
    """People in bulk.

    ``unknown_rules`` are the rules in their filters that the catalogue lacks. They're never true here, as
    they'd be of any message from the applications that the catalogue has.
    """

    people: Sequence[Person]
    contexts: Sequence[str]
    unknown_rules: frozenset[str] = frozenset()
    #: What filters they are, of people who are made up.
    filters: str = ""

    @property
    def name(self) -> str:
        """How many people, and with which filters unless those are the usual ones."""
        return f"{len(self.people):,} users{', personal filters' if self.filters == PERSONAL else ''}"


class FilterReader:
    """Reads filters as FMN 2 keeps them; those that are alike become the same object."""

    def __init__(self, rule_types: RuleTypes) -> None:
        self.unknown_rules: set[str] = set()
        self._rule_types = rule_types

    def filters(self, described: Iterable[Mapping[str, Any]]) -> tuple[NamedFilter, ...]:
        """Filters that anybody may have: ``$nick`` becomes "me"."""
        return tuple(
            NamedFilter(each["name"], self.known(All(tuple(map(_rule, each["rules"])))))
            for each in described
        )

    def known(self, expression: Expression) -> Expression:
        """The expression with :data:`NOTHING` in place of rules that the catalogue lacks."""
        match expression:
            case Rule(name):
                if name in self._rule_types.by_name:
                    return expression
                self.unknown_rules.add(name)
                return NOTHING
            case Not(part):
                return Not(self.known(part))
            case All(parts):
                return All(tuple(self.known(part) for part in parts))
            case AnyOf(parts):
                return AnyOf(tuple(self.known(part) for part in parts))


def _rule(described: Mapping[str, Any]) -> Expression:
    name = described["code_path"].rpartition(":")[2]
    rule = Rule.of(name, {key: value.replace("$nick", ME) for key, value in described["arguments"].items()})
    return Not(rule) if described["negated"] else rule


def read_json(path: Path) -> Any:
    """The content of a JSON file, maybe compressed."""
    content = path.read_bytes()
    return json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)


def read_population(path: Path, rule_types: RuleTypes) -> Population:
    """The people of a file."""
    described = read_json(path)
    reader = FilterReader(rule_types)
    sets = {name: reader.filters(filters) for name, filters in described["filter_sets"].items()}
    people = [_person(user, sets, reader) for user in described["users"]]
    return Population(people, described["contexts"], frozenset(reader.unknown_rules))


def _person(
    user: Mapping[str, Any], sets: Mapping[str, Sequence[NamedFilter]], reader: FilterReader,
) -> Person:
    filters = user["filters"]
    own = sets[filters] if isinstance(filters, str) else [
        NamedFilter(name, with_me(expression, user["nick"])) for name, expression in reader.filters(filters)]
    return Person(user["nick"], user["openid"], user.get("packages", {}), user.get("groups", ()), own)


def make_population(size: int, filters: Mapping[str, Expression], rule_types: RuleTypes) -> Population:
    """People with the given filters, and about 20 packages each out of as many as there are people."""
    reader = FilterReader(rule_types)
    named = tuple(NamedFilter(name, reader.known(expression)) for name, expression in filters.items())
    packages = [f"package{number:07}" for number in range(size)]
    return Population(list(_made_people(packages, named)), CONTEXTS, frozenset(reader.unknown_rules), DEFAULT)


def make_personal_population(size: int) -> Population:
    """As many people with filters of their own, about each other and each other's packages."""
    packages = list(map(personal_package, range(size)))
    people = [
        replace(person, filters=PersonalFilters(number, size))
        for number, person in enumerate(_made_people(packages, ()))]
    return Population(people, PERSONAL_CONTEXTS, filters=PERSONAL)


def _made_people(packages: Sequence[str], filters: Sequence[NamedFilter]) -> Iterator[Person]:
    chance = random.Random(len(packages))
    for number in range(len(packages)):
        nick = f"person{number:07}"
        mine = tuple(dict.fromkeys(chance.choices(packages, k=PACKAGES_EACH)))
        yield Person(nick, f"{nick}.id.example.org", {NAMESPACE: mine}, (), filters)


def directory_of(population: Population, aliases: Mapping[str, str]) -> Directory:
    """Who owns what; aliases lead from nicks and e-mail addresses to accounts."""
    owners: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for person in population.people:
        for namespace, packages in person.packages.items():
            for package in packages:
                owners[namespace][package].append(person.nick)
        for group in person.groups:
            groups[group].append(person.nick)
    return merge([DirectoryPart(committers=owners, groups=groups, aliases=aliases)])
