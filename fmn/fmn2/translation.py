"""What FMN 2's filters and settings are here. What can't be the same is said, not guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fmn.catalog import Catalog
from fmn.filters.expressions import ACCOUNT_ARGUMENT, ME, All, Expression, Not, Rule, with_me
from fmn.filters.rule_types import RuleError, RuleTypes
from fmn.filters.spec import MAX_NAME_LENGTH
from fmn.fmn2.database import OldFilter, OldPreference, OldRule
from fmn.matching.lint_findings import LintCode, LintSeverity
from fmn.matching.linter import lint
from fmn.people.preferences import DIGEST_COUNTS, DIGEST_SECONDS, Frequency, Presentation
from fmn.text import sentence, shorten

#: Where FMN 2's own rules were. Installations could add modules of theirs.
MODULE: Final = "fmn.rules"
#: Rules that took a value as it is, of which ours take several, and the argument.
_SINGLE: Final[Mapping[str, str]] = {
    "user_filter": ACCOUNT_ARGUMENT, "user_package_filter": ACCOUNT_ARGUMENT,
    "user_package_commit_filter": ACCOUNT_ARGUMENT, "user_package_watch_filter": ACCOUNT_ARGUMENT,
    "fas_group_member_filter": "group", "package_filter": "package",
}
_REGEX_RULES: Final = frozenset({"regex_filter", "package_regex_filter"})
#: What means something else to RE2 than it did to Python: ``{,3}``, flags in the middle, POSIX classes, and
#: letters after a backslash that were nothing but themselves.
_READS_OTHERWISE: Final = re.compile(r"\{,\d+\}|(?<!^)\(\?[a-zA-Z]+\)|\[\[:|\\[pPQECz]")
#: What isn't switched on, as it's not refused for being senseless but for what it would cost everybody.
_NEVER_ON: Final = frozenset({LintCode.EVERYTHING, LintCode.TOO_LONG})


class RuleNotTranslatedError(ValueError):
    """A rule that can't be asked here as it was there; the text says why in a sentence."""


@dataclass(frozen=True)
class TranslatedFilter:
    """A filter as it is here; it's switched off for the reasons in ``problems``, if there are any."""

    name: str
    expression: Expression
    enabled: bool
    oneshot: bool
    problems: Sequence[str] = ()


class FilterTranslator:
    """Translates filters. Most people have the same few, so what's wrong with each is found out once."""

    def __init__(self, rule_types: RuleTypes, catalog: Catalog) -> None:
        self._rule_types = rule_types
        self._catalog = catalog
        self._refused: dict[Expression, Sequence[str]] = {}

    def filter(self, old: OldFilter, number: int, nick: str) -> TranslatedFilter:
        """A filter of somebody's, the one with this number of theirs, from 1 on."""
        parts: list[Expression] = []
        problems: list[str] = []
        for rule in old.rules:
            try:
                part: Expression = self.rule(rule)
            except RuleNotTranslatedError as error:
                problems.append(sentence(str(error)))
                part = Rule(_rule_name(rule))
            parts.append(Not(part) if rule.negated else part)
        expression = with_me(All(tuple(parts)), nick)
        problems = problems or list(self._refusals(expression))
        return TranslatedFilter(
            name_of(old.name, number), expression, old.active and not problems, old.oneshot,
            list(dict.fromkeys(problems)))

    def rule(self, old: OldRule) -> Rule:
        """A rule, but for whether it's negated. Raises :class:`RuleNotTranslatedError`."""
        module, _, name = old.code_path.partition(":")
        if module != MODULE or not name:
            raise RuleNotTranslatedError(f"{_shown(old.code_path)} is no rule of FMN 2's own")
        rule = Rule.of(name, arguments_in(old.arguments, name))
        try:
            self._rule_types.condition(rule)
        except RuleError as error:
            raise RuleNotTranslatedError(str(error)) from error
        _check_meaning(rule)
        return rule

    def _refusals(self, expression: Expression) -> Sequence[str]:
        if expression not in self._refused:
            self._refused[expression] = [
                each.sentence for each in lint(expression, self._rule_types, self._catalog)
                if each.severity is LintSeverity.REFUSE and each.code in _NEVER_ON]
        return self._refused[expression]


def arguments_in(text: str | None, rule: str) -> Mapping[str, str]:
    """A rule's arguments, which FMN 2 kept as JSON. Raises :class:`RuleNotTranslatedError`."""
    try:
        found: Any = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise RuleNotTranslatedError(f"the arguments of {rule} can't be read: {_shown(text or '')}") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise RuleNotTranslatedError(f"the arguments of {rule} aren't texts by name: {_shown(text or '')}")
    return found


def name_of(name: str, number: int) -> str:
    """A filter's name, such that it can be kept."""
    kept = "".join(each if each.isprintable() else " " for each in name)
    return " ".join(kept.split())[:MAX_NAME_LENGTH].strip() or f"Filter {number}"


def frequency_of(old: OldPreference) -> tuple[Frequency, str]:
    """How often somebody is written to, and a sentence if that couldn't be the same, else ``""``."""
    if _at_once(old.batch_count, 1) or _at_once(old.batch_delta, 0):
        return Frequency(None, None, [], []), ""
    count, seconds = _within(old.batch_count, DIGEST_COUNTS), _within(old.batch_delta, DIGEST_SECONDS)
    wanted = Frequency(count, seconds, [], [])
    if (count, seconds) == (old.batch_count, old.batch_delta):
        return wanted, ""
    return wanted, (
        f"a digest came {_when(old.batch_count, old.batch_delta)}; now it comes {_when(count, seconds)}")


def presentation_of(old: OldPreference, now: Presentation) -> Presentation:
    """How notifications look; what FMN 2 had no say in is as it is ``now``."""
    # FMN 2's mails were plain text whatever its markup said, which was about colours on IRC.
    markup = old.markup_messages if old.context == "irc" else now.markup
    return Presentation(old.verbose, old.triggered_by_links, old.shorten_links, markup, now.mime_digest)


def _check_meaning(rule: Rule) -> None:
    """Raise :class:`RuleNotTranslatedError` for a rule that would hold for more or less than it did."""
    arguments = dict(rule.arguments)
    argument = _SINGLE.get(rule.name)
    value = arguments.get(argument or "", "")
    if argument and (value == ME or value != value.strip() or "," in value):
        raise RuleNotTranslatedError(
            f"{rule.name} asked for {_shown(value)} as one name, which nothing has; here it would ask for "
            "something else")
    if rule.name in _REGEX_RULES and (found := _READS_OTHERWISE.search(arguments["pattern"])):
        raise RuleNotTranslatedError(
            f"{_shown(found[0])} in the regular expression of {rule.name} means something else here")


def _rule_name(rule: OldRule) -> str:
    name = rule.code_path.rpartition(":")[2]
    return name if re.fullmatch(r"\w+", name) else "unknown_rule"


def _when(count: int | None, seconds: int | None) -> str:
    said = {f"after {count} messages": count, f"after {seconds} seconds": seconds}
    return " or ".join(words for words, value in said.items() if value is not None)


def _at_once(value: int | None, most: int) -> bool:
    return value is not None and value <= most


def _within(value: int | None, span: range) -> int | None:
    return None if value is None else min(max(value, span[0]), span[-1])


def _shown(text: str) -> str:
    return f"“{shorten(text)}”"
