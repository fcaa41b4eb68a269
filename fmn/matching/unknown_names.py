"""Warnings about people, packages and groups that neither the directory nor recent messages know.

They are warnings: a package may be new, and a person may turn up tomorrow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from fmn.directory.snapshot import GROUP_MARK
from fmn.filters.expressions import ACCOUNT_ARGUMENT, ME, Expression, Rule, rules_in
from fmn.filters.generic_rules import GROUP_PACKAGES_RULE
from fmn.localized import series
from fmn.matching.completion import CompletionKind
from fmn.matching.lint_findings import LintCode, LintFinding, LintSeverity
from fmn.text import split_list
from fmn.translations import gettext, mark, ngettext

#: What arguments of these names list.
KINDS: Final[Mapping[str, CompletionKind]] = {
    ACCOUNT_ARGUMENT: CompletionKind.USERS, "package": CompletionKind.PACKAGES,
    "group": CompletionKind.GROUPS}
#: Rules about packages of people, where no name of a group fits.
_PACKAGES_OF_PEOPLE: Final = frozenset({
    "maintains", "watches", "user_package_filter", "user_package_commit_filter", "user_package_watch_filter"})
#: What is said of one unknown name of a kind, and of several.
_SENTENCES: Final[Mapping[CompletionKind, tuple[str, str]]] = {
    CompletionKind.USERS: (
        mark("{names} is no person that FMN knows."), mark("{names} are no people that FMN knows.")),
    CompletionKind.PACKAGES: (
        mark("{names} is no package that FMN knows."), mark("{names} are no packages that FMN knows.")),
    CompletionKind.GROUPS: (
        mark("{names} is no group that FMN knows."), mark("{names} are no groups that FMN knows.")),
    CompletionKind.OWNING_GROUPS: (
        mark("{names} is no group that maintains packages, as far as FMN knows."),
        mark("{names} are no groups that maintain packages, as far as FMN knows.")),
}


class KnownNames(Protocol):
    """Names of people, packages and groups."""

    def knows(self, kind: CompletionKind, name: str) -> bool:
        """Whether the name is known, or too little is known of the kind to tell."""
        ...

    def similar(self, kind: CompletionKind, name: str) -> str:
        """A known name that may be meant, ``""`` if there's none."""
        ...


def unknown_names(expression: Expression, known: KnownNames) -> Iterator[LintFinding]:
    """A warning for each kind of names of which some are unknown, and for groups that aren't asked for so."""
    if groups := list(dict.fromkeys(_groups_among_people(expression))):
        yield LintFinding(LintSeverity.WARN, LintCode.UNKNOWN, _words_about_groups(groups))
    unknown: defaultdict[CompletionKind, list[str]] = defaultdict(list)
    for kind, name in dict.fromkeys(_names(expression)):
        if not known.knows(kind, name):
            unknown[kind].append(name)
    for kind, names in unknown.items():
        # Comparing takes milliseconds, and a filter may name thousands.
        similar = known.similar(kind, names[0]) if len(names) == 1 else ""
        yield LintFinding(LintSeverity.WARN, LintCode.UNKNOWN, _words(kind, names, similar))


def _names(expression: Expression) -> Iterator[tuple[CompletionKind, str]]:
    for rule in rules_in(expression):
        for argument, value in rule.arguments:
            for name in split_list(value) if argument in KINDS else ():
                if name != ME and not _is_group(rule, argument, name):
                    yield _kind(rule, argument), name


def _kind(rule: Rule, argument: str) -> CompletionKind:
    return CompletionKind.OWNING_GROUPS if rule.name == GROUP_PACKAGES_RULE else KINDS[argument]


def _groups_among_people(expression: Expression) -> Iterator[str]:
    for rule in rules_in(expression):
        for argument, value in rule.arguments:
            yield from (name for name in split_list(value) if _is_group(rule, argument, name))


def _is_group(rule: Rule, argument: str, name: str) -> bool:
    """Whether a name is a group's, as directories write it among owners, where rules are about people."""
    return (
        rule.name in _PACKAGES_OF_PEOPLE and argument == ACCOUNT_ARGUMENT and name != ME
        and name.startswith(GROUP_MARK))


def _words_about_groups(names: Sequence[str]) -> str:
    quoted = series(gettext("“{name}”").format(name=name) for name in names)
    return ngettext(
        "{names} is a group. For its packages, use the rule {rule} instead.",
        "{names} are groups. For their packages, use the rule {rule} instead.", len(names),
    ).format(names=quoted, rule=GROUP_PACKAGES_RULE)


def _words(kind: CompletionKind, names: Sequence[str], similar: str) -> str:
    """The warning, such as “marry” is no person that FMN knows. Did you mean “mary”."""
    quoted = series(gettext("“{name}”").format(name=name) for name in names)
    said = gettext(_SENTENCES[kind][len(names) > 1]).format(names=quoted)
    advice = gettext("Did you mean “{name}”?") if similar else gettext("Check the spelling.")
    if kind is CompletionKind.OWNING_GROUPS and not similar:
        advice = gettext("Check the spelling. Packages that only its members maintain don’t count.")
    return f"{said} {advice.format(name=similar)}"
