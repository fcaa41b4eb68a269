"""A crowd of made-up people: who owns what, who wants to hear of what, where and how often."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from benchmarks.naive_matcher import NamedFilter
from fmn.directory.snapshot import Directory
from fmn.filters.default_filters import default_filters
from fmn.filters.editing import add_filter
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.db import Database
from fmn.people.models import DetailValue, Preference, User
from fmn.people.preferences import set_enabled

#: The context of most people.
CONTEXT = "email"
#: Contexts in which a digest says the same of alike events in one sentence, without the word of each.
BRIEF = frozenset({"irc", "apprise", "webpush"})
#: People in each group, and how many of all packages a group owns.
GROUP_SIZE, GROUP_PACKAGES = 8, 5


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and all that they set up."""

    nick: str
    confirmed: Sequence[str]
    unconfirmed: Sequence[str]
    enabled: bool
    digest_count: int | None
    digest_seconds: int | None
    filters: Mapping[str, Expression]
    context: str = CONTEXT

    @property
    def waits_for_a_number(self) -> bool:
        """Whether a digest may wait for ever: until enough messages have come."""
        return self.digest_count is not None and self.digest_seconds is None

    @property
    def at_once(self) -> bool:
        return self.digest_count is None and self.digest_seconds is None


@dataclass(frozen=True)
class Crowd:
    """People, and the packages and groups they have to do with."""

    people: Sequence[Person]
    committers: Mapping[str, Sequence[str]]
    watchers: Mapping[str, Sequence[str]]
    groups: Mapping[str, Sequence[str]]

    @property
    def packages(self) -> list[str]:
        return list(self.committers)

    @property
    def directory(self) -> Directory:
        """Who owns what, as a value."""
        return Directory(
            committers={"rpms": {package: tuple(owners) for package, owners in self.committers.items()}},
            watchers={"rpms": {package: tuple(owners) for package, owners in self.watchers.items()}},
            groups={group: frozenset(members) for group, members in self.groups.items()})

    @property
    def filters(self) -> Mapping[str, Mapping[str, Sequence[NamedFilter]]]:
        """Everybody's filters by nick and context, but for those who switched the context off."""
        return {
            person.nick: {person.context: [NamedFilter(*entry) for entry in person.filters.items()]}
            for person in self.people if person.enabled
        }

    def write_directory(self, path: Path) -> None:
        """Write the directory as a file that FMN reads."""
        content = {
            "owners": _by_person(self.committers),
            "watchers": _by_person(self.watchers),
            "groups": self.groups,
        }
        path.write_text(json.dumps(content))

    def settle(self, database: Database) -> None:
        """Give everybody their account."""
        with database.transaction() as session:
            for person in self.people:
                preference = Preference(
                    user=User(nick=person.nick), context=person.context,
                    digest_count=person.digest_count, digest_seconds=person.digest_seconds)
                now = datetime.now(UTC)
                preference.detail_values = [
                    *(DetailValue(value=address, confirmed_at=now) for address in person.confirmed),
                    *(DetailValue(value=address) for address in person.unconfirmed),
                ]
                session.add(preference)
                session.flush()
                for name, expression in person.filters.items():
                    add_filter(session, preference, FilterSpec(name=name, expression=expression))
                set_enabled(session, preference, on=person.enabled)


def make_crowd(
    size: int, chance: random.Random, places: Mapping[str, Callable[[str], str]] = MappingProxyType({}),
) -> Crowd:
    """So many people. Everything that a person can have, some have.

    Most are written mails; others hear in the contexts that ``places`` knows an address of a nick in.
    """
    nicks = [f"person{number:03}" for number in range(size)]
    groups = {
        f"group{number}": chance.sample(nicks, min(GROUP_SIZE, size)) for number in range(max(1, size // 50))}
    packages = [f"package{number:03}" for number in range(max(10, size // 2))]
    committers = {package: chance.sample(nicks, chance.choice([0, 1, 1, 2])) for package in packages}
    for group in groups:
        for package in chance.sample(packages, GROUP_PACKAGES):
            committers[package].append(f"@{group}")
    watchers = {package: chance.sample(nicks, chance.choice([0, 0, 1, 2])) for package in packages}
    people = [_person(nick, number, packages, list(groups), chance) for number, nick in enumerate(nicks)]
    return Crowd(list(_spread(people, places)), committers, watchers, groups)


def _spread(people: Sequence[Person], places: Mapping[str, Callable[[str], str]]) -> Iterator[Person]:
    """The people, some of them in other contexts."""
    contexts = dict(enumerate(places, 5))
    for number, person in enumerate(people):
        context = contexts.get(number % 20)
        if context is None:
            yield person
            continue
        there = replace(person, context=context, confirmed=[places[context](person.nick)], unconfirmed=[])
        yield replace(there, digest_count=None, digest_seconds=None) if context in BRIEF else there


def _person(
    nick: str, number: int, packages: Sequence[str], groups: Sequence[str], chance: random.Random,
) -> Person:
    confirmed, unconfirmed = _addresses(nick, number % 20)
    count, seconds = chance.choice([
        (None, None), (None, None), (None, None), (chance.randint(2, 6), None), (None, chance.randint(1, 4)),
        (chance.randint(2, 6), chance.randint(2, 6))])
    default, custom = default_filters(rule_types()), _custom_filters(packages, groups, chance)
    filters = chance.choice([default, default, default, {**custom, **default}, custom])
    return Person(nick, confirmed, unconfirmed, number % 20 != 0, count, seconds, filters)


def _addresses(nick: str, kind: int) -> tuple[list[str], list[str]]:
    home, work = f"{nick}@home.example.org", f"{nick}@work.example.org"
    if kind == 1:
        return [], [home]
    if kind in {2, 3}:
        return [home, work], []
    return [home], [work] if kind == 4 else []


def _custom_filters(
    packages: Sequence[str], groups: Sequence[str], chance: random.Random,
) -> Mapping[str, Expression]:
    me = Rule.of("user_filter", {"fasnick": ME})
    one, other = (Rule.of("package_filter", {"package": name}) for name in chance.sample(packages, 2))
    some = ",".join(chance.sample(packages, 3))
    offered: dict[str, Expression] = {
        "Failed builds of mine": All((
            Rule("koji_build_failed"), Rule.of("user_package_commit_filter", {"fasnick": ME}))),
        "Two packages": AnyOf((All((Rule("bodhi_update_comment"), one)), All((Rule("git_receive"), other)))),
        "Leaks": All((
            Rule.of("topic_filter", {"pattern": "*.waterworks.*"}),
            Rule.of("regex_filter", {"pattern": "leak(s|ing)"}))),
        "My group": All((Rule.of("fas_group_member_filter", {"group": chance.choice(groups)}), Not(me))),
        "Some packages, without the builds": All((
            Rule.of("package_filter", {"package": some}), Not(Rule("koji_catchall")))),
        "Packages by pattern": All((
            Rule.of("package_regex_filter", {"pattern": f"{chance.randint(0, 99):02}$"}),
            Rule.of("not_user_filter", {"fasnick": ME}))),
    }
    return {name: offered[name] for name in chance.sample(list(offered), chance.randint(1, 3))}


def _by_person(by_package: Mapping[str, Sequence[str]]) -> Mapping[str, Mapping[str, Sequence[str]]]:
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(lambda: {"rpms": []})
    for package, people in by_package.items():
        for person in people:
            found[person]["rpms"].append(package)
    return found
