"""Suggestions for unknown rules: "buildfailed" is probably ``koji_build_failed``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fmn.filters.rule_definition import RuleType

#: Rules that an error names. One event has the same name in several applications.
MOST: Final = 3
#: Characters of a name that is compared; nobody means a rule by a longer one.
LONGEST: Final = 100
#: How alike names have to be, from 0 to 1.
CUTOFF: Final = 0.75
_SEPARATORS: Final = re.compile(r"[\W_]+")


def suggested_rules(name: str, known: Mapping[str, RuleType]) -> list[str]:
    """The rules that somebody may mean by a name, the likeliest first.

    Compared are names and titles without separators, with the application's name, its id or neither.
    """
    wanted = _joined(name[:LONGEST])
    keys: dict[str, list[str]] = {}
    for rule_type in known.values():
        for key in dict.fromkeys(_keys(rule_type)):
            keys.setdefault(key, []).append(rule_type.name)
    close = difflib.get_close_matches(wanted, keys, n=MOST, cutoff=CUTOFF)
    best = [close[0]] if wanted in close else close
    named = dict.fromkeys(rule for key in best for rule in _offered_first(keys[key], known))
    return list(named)[:MOST if wanted in close else 1]


def did_you_mean(name: str, known: Mapping[str, RuleType]) -> str:
    """``; did you mean …?`` if there are such rules, else ``""``."""
    *others, last = suggested_rules(name, known) or [""]
    return f"; did you mean {' or '.join(filter(None, [', '.join(others), last]))}?" if last else ""


def _keys(rule_type: RuleType) -> Iterator[str]:
    """What people may call a rule."""
    _, _, event = rule_type.name.partition("_")
    yield _joined(rule_type.name)
    yield _joined(rule_type.title)
    if event:
        yield _joined(event)
        yield _joined(f"{rule_type.application}{event}")


def _joined(name: str) -> str:
    return _SEPARATORS.sub("", name.casefold())


def _offered_first(names: Iterable[str], known: Mapping[str, RuleType]) -> list[str]:
    return sorted(names, key=lambda name: not known[name].offered)
