from __future__ import annotations

import pytest

from fmn.filters.conditions import (
    COMMITS_EXACTLY,
    COMMITS_TO,
    NAMED,
    WATCHES_EXACTLY,
    WATCHES_IT,
    Key,
    KeyCondition,
    KeyKind,
)
from fmn.matching.contradictions import covers, implied


def has(*keys: Key, ties: int = 0) -> KeyCondition:
    return KeyCondition(frozenset(keys), ties)


PHP, RPMS_PHP = (KeyKind.PACKAGE, "php"), (KeyKind.PACKAGE, "rpms/php")
MAINTAINS, COMMITS = (KeyKind.COMMITS_EXACTLY, "bob"), (KeyKind.COMMITS, "bob")


@pytest.mark.parametrize(("key", "others"), [
    (PHP, set()), (RPMS_PHP, {PHP}), (MAINTAINS, {COMMITS}), (COMMITS, set()), ((KeyKind.USER, "a/b"), set()),
])
def test_a_key_implies_those_that_say_less(key: Key, others: set[Key]) -> None:
    assert implied(key) == {key, *others}


@pytest.mark.parametrize(("wide", "narrow"), [
    (has(PHP), has(PHP)),
    (has(PHP), has(RPMS_PHP)),
    (has(PHP, COMMITS), has(RPMS_PHP, MAINTAINS)),
    (has(ties=COMMITS_TO | WATCHES_IT), has(ties=COMMITS_TO)),
    (has(ties=COMMITS_TO | WATCHES_IT), has(ties=COMMITS_EXACTLY | WATCHES_EXACTLY)),
    (has(PHP, ties=NAMED), has(ties=NAMED)),
])
def test_what_asks_for_less_covers_what_asks_for_more(wide: KeyCondition, narrow: KeyCondition) -> None:
    assert covers(wide, narrow)
    assert covers(narrow, wide) is (wide == narrow)
