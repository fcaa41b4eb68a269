"""Descriptions of expressions for people: "About my packages, but not “Build tagged”"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from fmn.filters.expressions import ACCOUNT_ARGUMENT, ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import RuleTypes
from fmn.text import SERIES_LENGTH, capital, one_line, shorten, split_list
from fmn.translations import gettext

#: What rules about people ask, of their owner alone and of whoever there is.
_OF_PEOPLE: Final[Mapping[str, tuple[str, str]]] = {
    "user_filter": ("mentioning me", "mentioning {}"),
    "not_user_filter": ("not mentioning me", "not mentioning {}"),
    "actor": ("done by me", "done by {}"),
    "member": ("about groups that I’m in", "about groups that {} is in"),
    "maintains": ("about packages that I maintain", "about packages maintained by {}"),
    "watches": ("about packages that I watch", "about packages watched by {}"),
    "user_package_filter": ("about my packages", "about packages of {}"),
    "user_package_commit_filter": (
        "about packages that I maintain, in any namespace",
        "about packages maintained by {}, in any namespace"),
    "user_package_watch_filter": (
        "about packages that I watch, in any namespace", "about packages watched by {}, in any namespace"),
}
#: What other rules ask, by the names of their arguments. Any of an argument's values will do.
_OF_OTHERS: Final[Mapping[str, str]] = {
    "fas_group_member_filter": "mentioning a member of {group}",
    "group": "about the group {group}",
    "group_maintains": "about packages of the group {group}",
    "package_filter": "about {package}",
    "package_regex_filter": "about packages like {pattern}",
    "severity": "of severity {severity} or higher",
    "topic_filter": "with a topic like {pattern}",
    "regex_filter": "with text like {pattern}",
    "field": "with {path} = {value}",
    "field_regex": "with {path} like {pattern}",
    "application": "from {application}",
}
#: Rules of which no argument lists several: a comma in a regular expression is a comma.
_WHOLE: Final = frozenset({"regex_filter", "package_regex_filter", "field_regex"})
#: Titles that begin like this say by themselves what of.
_PROSE: Final = ("About ", "Anything from ", "From ")
#: No limit to what a sentence names.
_ALL: Final = 10_000
#: Characters of a name that is made from a filter's rules: as long as fits into a list on a phone.
MADE_NAME_LENGTH: Final = 40


def describe_rule(rule: Rule, rule_types: RuleTypes) -> str:
    """Describe a rule as a sentence without a full stop."""
    return capital(_words(rule, rule_types, _ALL)) or _title(rule, rule_types, _ALL)


def describe_expression(expression: Expression, rule_types: RuleTypes, most: int = SERIES_LENGTH) -> str:
    """Describe an expression on one line. Of long series it names ``most`` parts and counts the rest."""
    return capital(_phrase(expression, rule_types, most))


def filter_name(expression: Expression, rule_types: RuleTypes) -> str:
    """A name for a filter, made from its rules: as much as fits into :data:`MADE_NAME_LENGTH` characters."""
    names = list(_names(expression, rule_types))
    short = (name for name in names if len(name) <= MADE_NAME_LENGTH)
    return next(short, shorten(names[-1], MADE_NAME_LENGTH))


def _names(expression: Expression, rule_types: RuleTypes) -> Iterator[str]:
    """Descriptions of an expression, each with less in it than the one before."""
    for most in (SERIES_LENGTH, 1):
        yield describe_expression(expression, rule_types, most)
    if isinstance(expression, All):
        wanted = tuple(part for part in expression.parts if not isinstance(part, Not))
        if wanted and len(wanted) < len(expression.parts):
            words = describe_expression(All(wanted), rule_types, 1)
            yield gettext("{words}, with exceptions").format(words=words)
            yield describe_expression(All(wanted), rule_types, 1)


def _phrase(expression: Expression, rule_types: RuleTypes, most: int) -> str:
    match expression:
        case Rule():
            return _words(expression, rule_types, most) or _in_quotes(_title(expression, rule_types, most))
        case Not(part):
            return f"anything but {_inner(part, rule_types, most)}"
        case AnyOf(parts):
            return _series([_inner(part, rule_types, most) for part in parts], "or", most) or "nothing"
        case All(parts):
            wanted = [_inner(part, rule_types, most) for part in parts if not isinstance(part, Not)]
            unwanted = [_inner(part.part, rule_types, most) for part in parts if isinstance(part, Not)]
            return _both(_series(wanted, "and", _ALL), _series(unwanted, "or", most))


def _both(wanted: str, unwanted: str) -> str:
    if not unwanted:
        return wanted or "nothing"
    return f"{wanted}, but not {unwanted}" if wanted else f"anything but {unwanted}"


def _inner(part: Expression, rule_types: RuleTypes, most: int) -> str:
    text = _phrase(part, rule_types, most)
    return f"({text})" if isinstance(part, All | AnyOf) and len(part.parts) > 1 else text


def _words(rule: Rule, rule_types: RuleTypes, most: int) -> str:
    """The rule as a part of a sentence, ``""`` if it has only a title."""
    given = dict(zip(dict(rule.arguments), _values(rule, most), strict=True))
    if rule.name in _OF_PEOPLE and given.get(ACCOUNT_ARGUMENT):
        of_me, of_all = _OF_PEOPLE[rule.name]
        return of_me if rule[ACCOUNT_ARGUMENT].strip() == ME else of_all.format(given[ACCOUNT_ARGUMENT])
    if rule.name in _OF_OTHERS and rule.arguments and all(given.values()):
        with suppress(KeyError):  # an argument is missing: the rule can't be asked, but shown
            return _OF_OTHERS[rule.name].format_map(given)
    if rule.name == "event" and "event" in given:
        return _series(
            [_in_quotes(_name(event, rule_types)) for event in split_list(rule["event"])], "or", most)
    title = _title(rule, rule_types, most)
    return title[:1].lower() + title[1:] if title.startswith(_PROSE) else ""


def _title(rule: Rule, rule_types: RuleTypes, most: int) -> str:
    title = _name(rule.name, rule_types)
    values = ", ".join(filter(None, _values(rule, most)))
    return f"{title} ({values})" if values else title


def _name(name: str, rule_types: RuleTypes) -> str:
    known = rule_types.by_name.get(name)
    return known.title if known else one_line(name)


def _values(rule: Rule, most: int) -> Sequence[str]:
    return [
        one_line(value) if rule.name in _WHOLE else _series(map(_me, split_list(value)), "or", most)
        for _, value in rule.arguments
    ]


def _me(value: str) -> str:
    return "me" if value == ME else one_line(value)


def _series(items: Iterable[str], word: str, most: int) -> str:
    """``a``, ``a or b``, ``a, b or c``; past ``most`` parts ``a, b, c or 4 more``."""
    named = list(items)
    if len(named) > most + 1:  # one more is shorter than saying that there is
        named = [*named[:most], f"{len(named) - most} more"]
    return f" {word} ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))


def _in_quotes(text: str) -> str:
    return f"“{text}”"
