from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.field_paths import MAX_PATH_STEPS, parse_path, values_at
from fmn.filters.rule_definition import RuleError

BODY = {
    "agent": "mary", "update": {"user": {"name": "tom"}, "karma": 3, "critpath": True, "bugs": None},
    "commit": {"stats": {"files": {"moss.spec": {"additions": 2}, "sources": {"additions": 1}}}},
    "tags": ["f44", "f45"], "builds": [{"nvr": "moss-1-1"}, {"nvr": "fern-2-1"}, "moss-1-1"], "size": 1.5,
}


def texts(path: str, body: Any = BODY) -> list[str]:
    return list(values_at(body, parse_path(path)))


@pytest.mark.parametrize(("path", "found"), [
    ("agent", ["mary"]),
    ("update.user.name", ["tom"]),
    (" update . user . name ", ["tom"]),
    ("update.karma", ["3"]),
    ("update.critpath", ["true"]),
    ("update.bugs", ["null"]),
    ("size", ["1.5"]),
    ("tags.*", ["f44", "f45"]),
    ("tags.1", ["f45"]),
    ("tags.2", []),
    ("tags.-1", []),
    ("tags", []),
    ("builds.*.nvr", ["moss-1-1", "fern-2-1"]),
    ("builds.1.nvr", ["fern-2-1"]),
    ("commit.stats.files.*", ["moss.spec", "sources"]),
    ("commit.stats.files.*.additions", ["2", "1"]),
    ("update.user.*", ["name", "tom"]),
    ("agent.name", []),
    ("update.user", []),
    ("nothing.at.all", []),
])
def test_a_path_leads_to_texts(path: str, found: list[str]) -> None:
    assert texts(path) == found


@pytest.mark.parametrize("body", [None, 7, "mary", [], {}])
def test_a_path_leads_nowhere_in_other_bodies(body: Any) -> None:
    assert texts("agent.*", body) == []


def test_a_key_of_digits_is_found_too() -> None:
    assert texts("2024.total", {"2024": {"total": 5}}) == ["5"]


@pytest.mark.parametrize(("path", "problem"), [
    ("update..name", "has an empty step"),
    (".update", "has an empty step"),
    ("", "has an empty step"),
    (".".join("a" * (MAX_PATH_STEPS + 1)), "more than 30 steps"),
])
def test_a_path_that_leads_nowhere_at_all_is_refused(path: str, problem: str) -> None:
    with pytest.raises(RuleError, match=problem):
        parse_path(path)


BODIES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(BODIES, st.text())
def test_no_body_and_no_path_raises_anything_else(body: Any, path: str) -> None:
    try:
        steps = parse_path(path)
    except RuleError:
        return
    assert all(isinstance(text, str) for text in values_at(body, steps))


def test_each_part_of_a_body_is_looked_at_once() -> None:
    # Given a body as wide and as deep as one message can be
    body: Any = "end"
    for _ in range(MAX_PATH_STEPS):
        body = [body, *["x"] * 10_000]

    # Where each step doubled the work, nobody would see the end of this
    assert len(texts(".".join("*" * MAX_PATH_STEPS), body)) == 10_001
