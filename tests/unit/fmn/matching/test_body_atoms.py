"""No message that a rule about bodies or packages lets through lacks the atoms that are searched in SQL."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fmn.catalog import Package
from fmn.filters.conditions import CheckCondition, CheckedMessage
from fmn.filters.expressions import Rule
from fmn.filters.rule_types import RuleError, rule_types
from fmn.matching.body_atoms import stored_atoms
from tests.factories.messages import make_facts, make_message
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.filters.test_required_atoms import PATTERNS, patterns_and_texts

#: Texts with what is stored in other ways than it's searched.
TEXTS = st.text('ak01,: "\\\n?\ud800ö\N{KELVIN SIGN}\N{LATIN SMALL LETTER LONG S}', max_size=8)


def check_of(name: str, **arguments: str) -> CheckCondition:
    try:
        condition, _ = rule_types().condition(Rule.of(name, arguments))
    except RuleError:
        assume(False)
        raise
    assert isinstance(condition, CheckCondition)
    return condition


def holds(check: CheckCondition, body: Any, package: str = "") -> bool:
    facts = make_facts(make_message(), packages=[Package("rpms", package)])
    return check.holds(CheckedMessage(replace(facts, message=replace(facts.message, body=body))))


def may_hold(check: CheckCondition, stored: str) -> bool:
    conjuncts, cased = stored_atoms(check)
    text = stored if cased else stored.lower()
    return all(any(atom in text for atom in either) for either in conjuncts)


@settings(max_examples=scaled(300))
@given(patterns_and_texts(), TEXTS)
def test_patterns_find_their_atoms_in_stored_bodies_and_packages(example: tuple[str, str], more: str) -> None:
    pattern, text = example
    body = json.loads(json.dumps({"key": text + more, "list": [more, 1, more + text]}))
    stored = json.dumps(body, separators=(",", ":"))

    for check in (
        check_of("regex_filter", pattern=pattern), check_of("field_regex", path="key", pattern=pattern),
        check_of("field_regex", path="list.*", pattern=pattern),
    ):
        assert may_hold(check, stored) or not holds(check, body)
    packages = check_of("package_regex_filter", pattern=pattern)
    assert may_hold(packages, json.dumps([f"rpms/{text}{more}"])) or not holds(packages, {}, text + more)


@given(PATTERNS, TEXTS)
def test_patterns_of_any_form_lose_nothing(pattern: str, text: str) -> None:
    check = check_of("regex_filter", pattern=pattern)

    assert may_hold(check, json.dumps([text], separators=(",", ":"))) or not holds(check, [text])


@given(st.sampled_from(["key", "Key", "list.0", "*", "ö", 'a"b', "a b"]), TEXTS, st.integers(-1, 3))
def test_fields_find_their_keys_and_values(path: str, text: str, number: int) -> None:
    body = {"key": text, "Key": number, "list": [text], "ö": text, 'a"b': text, "a b": None}
    stored = json.dumps(body, separators=(",", ":"))

    for value in (text, str(number), "null", text.strip()):
        check = check_of("field", path=path, value=value)
        assert may_hold(check, stored) or not holds(check, body)


@pytest.mark.parametrize(("name", "arguments", "atoms"), [
    ("regex_filter", {"pattern": "Kernel.*panic"}, [["kernel"], ["panic"]]),
    ("regex_filter", {"pattern": "(?i)bricks"}, [["bric"]]),
    ("regex_filter", {"pattern": '"name": "moss'}, [['"name":']]),
    ("regex_filter", {"pattern": "[a-z]+"}, []),
    ("field", {"path": "builds.0.nvr", "value": "moss-1"}, [["moss-1"], ['"builds":'], ['"nvr":']]),
    ("package_regex_filter", {"pattern": "^(python|ruby)-"}, [["python-", "ruby-"]]),
])
def test_the_longest_parts_are_searched(
    name: str, arguments: dict[str, str], atoms: list[list[str]],
) -> None:
    assert [sorted(each) for each in stored_atoms(check_of(name, **arguments)).conjuncts] == atoms
