"""Translation of FMN 2's filters and settings. Differences in meaning are reported, never guessed away."""

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

#: Package of FMN 2's own rules. Installations could add modules of theirs.
MODULE: Final = "fmn.rules"
#: Rules that took one value where FMN takes a list, with the argument's name.
_SINGLE: Final[Mapping[str, str]] = {
    "user_filter": ACCOUNT_ARGUMENT, "user_package_filter": ACCOUNT_ARGUMENT,
    "user_package_commit_filter": ACCOUNT_ARGUMENT, "user_package_watch_filter": ACCOUNT_ARGUMENT,
    "fas_group_member_filter": "group", "package_filter": "package",
}
_REGEX_RULES: Final = frozenset({"regex_filter", "package_regex_filter"})
#: Regular expressions that RE2 reads otherwise than Python did: ``{,3}``, flags in the middle, POSIX classes,
#: and escaped letters that stood for themselves.
_READS_OTHERWISE: Final = re.compile(r"\{,\d+\}|(?<!^)\(\?[a-zA-Z]+\)|\[\[:|\\[pPQECz]")
#: Lint findings that keep a filter switched off, because of what it would cost everybody.
_NEVER_ON: Final = frozenset({LintCode.EVERYTHING, LintCode.TOO_LONG})


class RuleNotTranslatedError(ValueError):
    """A rule that can't be translated exactly; the text says why in a sentence."""


@dataclass(frozen=True)
class TranslatedFilter:
    """A translated filter. It's switched off if there are ``problems``, which are sentences."""

    name: str
    expression: Expression
    enabled: bool
    oneshot: bool
    problems: Sequence[str] = ()


class FilterTranslator:
    """Translates filters. Most people have the same few, so the linter's findings are cached."""

    def __init__(self, rule_types: RuleTypes, catalog: Catalog) -> None:
        self._rule_types = rule_types
        self._catalog = catalog
        self._refused: dict[Expression, Sequence[str]] = {}

    def filter(self, old: OldFilter, number: int, nick: str) -> TranslatedFilter:
        """Translate a filter. ``number`` is its place among its owner's, from 1 on: a nameless one's name."""
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
        """Translate a rule, without its negation. Raises :class:`RuleNotTranslatedError`."""
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
    """Parse a rule's arguments, which FMN 2 stored as JSON. Raises :class:`RuleNotTranslatedError`."""
    try:
        found: Any = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise RuleNotTranslatedError(f"the arguments of {rule} can't be read: {_shown(text or '')}") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise RuleNotTranslatedError(f"the arguments of {rule} aren't texts by name: {_shown(text or '')}")
    return found


def name_of(name: str, number: int) -> str:
    """A filter's name, cleaned and cut to what can be stored; ``Filter 3`` if nothing is left."""
    kept = "".join(each if each.isprintable() else " " for each in name)
    return " ".join(kept.split())[:MAX_NAME_LENGTH].strip() or f"Filter {number}"


def frequency_of(old: OldPreference) -> tuple[Frequency, str]:
    """The translated frequency, and a sentence if it had to be adjusted, else ``""``."""
    if _at_once(old.batch_count, 1) or _at_once(old.batch_delta, 0):
        return Frequency(), ""
    count, seconds = _within(old.batch_count, DIGEST_COUNTS), _within(old.batch_delta, DIGEST_SECONDS)
    wanted = Frequency(digest_count=count, digest_seconds=seconds)
    if (count, seconds) == (old.batch_count, old.batch_delta):
        return wanted, ""
    return wanted, (
        f"a digest came {_when(old.batch_count, old.batch_delta)}; now it comes {_when(count, seconds)}")


def presentation_of(old: OldPreference, now: Presentation) -> Presentation:
    """The translated presentation; what FMN 2 had no setting for is as it is ``now``."""
    # FMN 2's mails were plain text whatever its markup said, which was about colours on IRC.
    markup = old.markup_messages if old.context == "irc" else now.markup
    return Presentation(
        long_text=old.verbose, trigger_links=old.triggered_by_links, short_links=old.shorten_links,
        markup=markup, mime_digest=now.mime_digest)


def _check_meaning(rule: Rule) -> None:
    """Raise :class:`RuleNotTranslatedError` for a rule that would match more or less than it did."""
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
