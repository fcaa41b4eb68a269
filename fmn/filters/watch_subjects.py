"""Subjects that people watch: packages, people, groups and applications, with the filters that watch them.

A watch is an ordinary filter. Its expression says what it watches, so renaming it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fmn.catalog import catalog
from fmn.errors import UserError
from fmn.filters.expressions import (
    ACCOUNT_ARGUMENT,
    ME,
    All,
    Expression,
    Rule,
    expression_digest,
    rules_in,
    with_me,
)
from fmn.filters.generic_rules import GROUP_PACKAGES_RULE, TOPIC_RULE
from fmn.filters.rule_arguments import check_accounts, check_groups, check_packages
from fmn.filters.rule_definition import RuleError
from fmn.filters.spec import FilterSpec
from fmn.people.usernames import is_username
from fmn.text import sentence, shorten, split_list
from fmn.translations import gettext

#: The field that errors blame.
FIELD: Final = "subject"
#: Characters of the longest name.
MAX_SUBJECT_LENGTH: Final = 150
#: Event types that tell of a new version for users.
RELEASES: Final = (
    "anitya_new_update", "bodhi_update_complete_stable", "forgejo_release", "github_release",
    "gitlab_release", "mbs_build_ready")
#: Names of applications and topics as they are written on the bus.
_CATEGORY: Final = re.compile(r"[A-Za-z0-9_-]+")
#: Topics of an application that the catalogue lacks.
_TOPIC: Final = re.compile(rf"\*\.({_CATEGORY.pattern})\.\*")
#: Nothing in a name ends a rule's argument, or is the way up in an address.
_NAME: Final = re.compile(r"(?!\.{1,2}(/|$))[^\s,/]+(/(?!\.{1,2}$)[^\s,/]+)?")


class SubjectKind(StrEnum):
    """Kind of a subject."""

    PACKAGE = "package"
    PERSON = "person"
    GROUP = "group"
    APPLICATION = "app"


class WatchLevel(StrEnum):
    """How much of a subject's events a watch lets through."""

    EVERYTHING = "everything"
    #: Without what is only of interest while one looks for a fault.
    NOTABLE = "notable"
    FAILURES = "failures"
    RELEASES = "releases"
    #: What a person did, whomever it concerns.
    ACTIONS = "actions"
    #: What concerns the members of a group.
    MEMBERS = "members"
    #: What concerns the packages that a group maintains.
    PACKAGES = "packages"


#: Levels of each kind, the default one first.
LEVELS: Final[Mapping[SubjectKind, tuple[WatchLevel, ...]]] = {
    SubjectKind.PACKAGE: (WatchLevel.EVERYTHING, WatchLevel.FAILURES, WatchLevel.RELEASES),
    SubjectKind.PERSON: (WatchLevel.EVERYTHING, WatchLevel.ACTIONS, WatchLevel.FAILURES),
    SubjectKind.GROUP: (WatchLevel.EVERYTHING, WatchLevel.MEMBERS, WatchLevel.PACKAGES),
    SubjectKind.APPLICATION: (WatchLevel.EVERYTHING, WatchLevel.NOTABLE, WatchLevel.FAILURES),
}

#: Of a group's levels, the rule that names it.
_OF_GROUP: Final[Mapping[WatchLevel, str]] = {
    WatchLevel.EVERYTHING: "group", WatchLevel.MEMBERS: "fas_group_member_filter",
    WatchLevel.PACKAGES: GROUP_PACKAGES_RULE}
_BY_LEVEL: Final[Mapping[WatchLevel, Rule]] = {
    WatchLevel.NOTABLE: Rule.of("severity", {"severity": "info"}),
    WatchLevel.FAILURES: Rule.of("severity", {"severity": "warning"}),
    WatchLevel.RELEASES: Rule.of("event", {"event": ", ".join(RELEASES)}),
}


@dataclass(frozen=True)
class Subject:
    """A package, person, group or application. Made by :func:`subject`, which checks the name."""

    kind: SubjectKind
    name: str

    @property
    def label(self) -> str:
        """The subject in a few words: ``rpms/moss``, ``group infra``, ``Bodhi``."""
        if self.kind is SubjectKind.APPLICATION:
            known = catalog().applications.get(self.name)
            return known.title if known else self.name
        return f"group {self.name}" if self.kind is SubjectKind.GROUP else self.name

    @property
    def written(self) -> str:
        """The subject as :func:`parse_subject` reads it: ``rpms/moss``, ``person:mary``."""
        if self.kind is SubjectKind.PACKAGE and "/" in self.name:
            return self.name
        return f"{self.kind}:{self.name}"

    @property
    def levels(self) -> tuple[WatchLevel, ...]:
        """The levels at which it can be watched, the default one first."""
        return LEVELS[self.kind]

    def expression(self, level: WatchLevel) -> Expression:
        """The expression of a watch."""
        more = _BY_LEVEL.get(level)
        about = self._rule(level)
        return about if more is None else All((about, more))

    def spec(self, level: WatchLevel) -> FilterSpec:
        """The filter of a watch."""
        return FilterSpec(name=f"Watch {self.label}", expression=self.expression(level))

    def digests(self, nick: str) -> Mapping[str, WatchLevel]:
        """The levels by the digest of the expression that the filter of ``nick`` has."""
        return {
            expression_digest(with_me(self.expression(level), nick)): level for level in self.levels}

    def _rule(self, level: WatchLevel) -> Rule:
        match self.kind:
            case SubjectKind.PACKAGE:
                return Rule.of("package_filter", {"package": self.name})
            case SubjectKind.PERSON:
                rule = "actor" if level is WatchLevel.ACTIONS else "user_filter"
                return Rule.of(rule, {ACCOUNT_ARGUMENT: self.name})
            case SubjectKind.GROUP:
                return Rule.of(_OF_GROUP[level], {"group": self.name})
            case SubjectKind.APPLICATION:
                if self.name in catalog().applications:
                    return Rule.of("application", {"application": self.name})
                return Rule.of(TOPIC_RULE, {"pattern": f"*.{self.name}.*"})


def subject(kind: SubjectKind, name: str) -> Subject:
    """The subject of this kind and name. Raises :class:`~fmn.errors.UserError` for an impossible name."""
    name = name.strip()
    if len(name) > MAX_SUBJECT_LENGTH:
        raise UserError(gettext("“{name}” is too long for a name.").format(name=shorten(name)), FIELD)
    if not (_NAME.fullmatch(name) and name.isprintable()):
        raise UserError(gettext("“{name}” can’t be a name: write one without spaces or commas.").format(
            name=shorten(name)), FIELD)
    try:
        _CHECKS[kind](name)
    except RuleError as error:
        raise UserError(sentence(str(error)), FIELD) from None
    return Subject(kind, _category(name) if kind is SubjectKind.APPLICATION else name)


def _category(name: str) -> str:
    """The category of an application of this category or title: ``buildsys`` for ``koji``."""
    known = catalog().applications
    if name in known:
        return name
    return next((
        category for category, each in known.items() if name.lower() in (category, each.title.lower())), name)


def subject_or_none(kind: SubjectKind, name: str) -> Subject | None:
    """The subject of this kind and name, ``None`` for an impossible name."""
    try:
        return subject(kind, name)
    except UserError:
        return None


def _check_person(name: str) -> None:
    check_accounts({ACCOUNT_ARGUMENT: name})
    if not is_username(name):
        raise RuleError(gettext("{name} can't be an account's name").format(name=repr(shorten(name))))


def _check_application(name: str) -> None:
    if not _CATEGORY.fullmatch(name):
        raise RuleError(gettext("{name} can't be an application's name: write bodhi, for example").format(
            name=repr(shorten(name))))


_CHECKS: Final = {
    SubjectKind.PACKAGE: lambda name: check_packages({"package": name}),
    SubjectKind.PERSON: _check_person,
    SubjectKind.GROUP: lambda name: check_groups({"group": name}),
    SubjectKind.APPLICATION: _check_application,
}


def parse_subject(word: str) -> Subject | None:
    """The subject that a word names by itself; ``None`` for a bare name, which may be of any kind.

    ``package:moss``, ``person:mary``, ``group:infra`` and ``app:bodhi`` say the kind, ``@infra`` is a group,
    and a name with a slash is a package. Raises :class:`~fmn.errors.UserError`.
    """
    kind, colon, name = word.partition(":")
    if colon and kind.lower() in list(SubjectKind):
        return subject(SubjectKind(kind.lower()), name)
    if word.startswith("@"):
        return subject(SubjectKind.GROUP, word[1:])
    return subject(SubjectKind.PACKAGE, word) if "/" in word else None


def possible_subjects(name: str) -> Iterator[Subject]:
    """The subjects that a bare name may mean, in the order in which they are looked for."""
    for kind in SubjectKind:
        if (found := subject_or_none(kind, name)) is not None:
            yield found


def named_subjects(expression: Expression) -> Iterator[Subject]:
    """The subjects that an expression's rules name, each once, in reading order. "Me" is none."""
    seen: set[Subject] = set()
    for rule in rules_in(expression):
        if (known := _SUBJECT_RULES.get(rule.name)) is None:
            continue
        kind, argument = known
        for name in split_list(dict(rule.arguments).get(argument, "")):
            found = subject_or_none(kind, name)
            if found is not None and found not in seen:
                seen.add(found)
                yield found


def watched_subject(expression: Expression, nick: str) -> tuple[Subject, WatchLevel] | None:
    """What a filter of ``nick`` with this expression watches, and how much; ``None`` if it's no watch."""
    found = _subject_of(next(rules_in(expression), None), nick)
    level = found.digests(nick).get(expression_digest(expression)) if found else None
    return None if found is None or level is None else (found, level)


def _subject_of(rule: Rule | None, nick: str) -> Subject | None:
    """The one subject that a rule is about, if its whole argument is a name."""
    if rule is None:
        return None
    arguments = dict(rule.arguments)
    if rule.name == TOPIC_RULE:
        topic = _TOPIC.fullmatch(arguments.get("pattern", ""))
        return subject_or_none(SubjectKind.APPLICATION, topic[1]) if topic else None
    if (known := _SUBJECT_RULES.get(rule.name)) is None:
        return None
    kind, argument = known
    name = arguments.get(argument, "")
    return subject_or_none(kind, nick if kind is SubjectKind.PERSON and name == ME else name)


_SUBJECT_RULES: Final[Mapping[str, tuple[SubjectKind, str]]] = {
    "package_filter": (SubjectKind.PACKAGE, "package"),
    "user_filter": (SubjectKind.PERSON, ACCOUNT_ARGUMENT),
    "actor": (SubjectKind.PERSON, ACCOUNT_ARGUMENT),
    **dict.fromkeys(_OF_GROUP.values(), (SubjectKind.GROUP, "group")),
    "application": (SubjectKind.APPLICATION, "application"),
}
