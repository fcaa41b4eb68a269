"""Suggestions for unknown rules: "buildfailed" is probably ``koji_build_failed``."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fmn.filters.rule_definition import RuleType
from fmn.translations import gettext

#: Rules that an error names. One event has the same name in several applications.
MOST: Final = 3
#: Characters of a name that is compared; nobody means a rule by a longer one.
LONGEST: Final = 60
#: How alike names have to be, from 0 to 1.
CUTOFF: Final = 0.75
_SEPARATORS: Final = re.compile(r"[\W_]+")


class RuleSuggestions:
    """Rules by what people may call them: by name or title, with the application's name, its id or neither.

    Only those that begin with the same letter are compared: a filter may have 500 unknown rules.
    """

    def __init__(self, known: Mapping[str, RuleType]) -> None:
        self._rules: Mapping[str, list[str]] = _by_key(known)
        self._beginning_with: defaultdict[str, list[str]] = defaultdict(list)
        for key in self._rules:
            self._beginning_with[key[:1]].append(key)

    def of(self, name: str) -> list[str]:
        """The rules that somebody may mean by a name, the likeliest first."""
        wanted = _joined(name[:LONGEST])
        if wanted in self._rules:
            return self._rules[wanted][:MOST]
        close = difflib.get_close_matches(wanted, self._beginning_with.get(wanted[:1], ()), 1, CUTOFF)
        return self._rules[close[0]][:1] if close else []

    def did_you_mean(self, name: str) -> str:
        """``; did you mean …?`` if there are such rules, else ``""``."""
        *others, last = self.of(name) or [""]
        if not last:
            return ""
        names = gettext("{names} or {last}").format(names=", ".join(others), last=last) if others else last
        return gettext("; did you mean {name}?").format(name=names)


def _by_key(known: Mapping[str, RuleType]) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for rule_type in sorted(known.values(), key=lambda each: not each.offered):
        for key in _unique(_keys(rule_type)):
            found[key].append(rule_type.name)
    return dict(found)


def _keys(rule_type: RuleType) -> Iterator[str]:
    """What people may call a rule."""
    _, _, event = rule_type.name.partition("_")
    yield _joined(rule_type.name)
    yield _joined(rule_type.title)
    if event:
        yield _joined(event)
        yield _joined(f"{rule_type.application}{event}")


def _unique(keys: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(filter(None, keys))


def _joined(name: str) -> str:
    return _SEPARATORS.sub("", name.casefold())
