"""Bodies split into templates and values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.expressions import ME, All, Not, Rule, expression_to_json
from fmn.matching.index.body_templates import SLOT, joined_body, split_body
from tests.unit.fmn.matching.generated_inputs import expressions


def body_about(package: str) -> str:
    return json.dumps(expression_to_json(All((
        Rule.of("package_filter", {"package": package}), Not(Rule.of("user_filter", {"fasnick": ME}))))))


@given(st.one_of(expressions().map(lambda each: json.dumps(expression_to_json(each))), st.text()))
def test_nothing_is_lost(body: str) -> None:
    assert joined_body(*split_body(body)) == body


@given(st.text(min_size=1))
def test_any_argument_is_a_value_unless_it_says_me(package: str) -> None:
    template, values = split_body(body_about(package))

    assert values == ([] if ME in package else [json.dumps(package)[1:-1]])
    assert ME in template


def test_filters_that_differ_in_arguments_have_one_template() -> None:
    assert split_body(body_about("php"))[0] == split_body(body_about('": {"rule\\'))[0]


@pytest.mark.parametrize("body", ["not even JSON", '"', "", '{"rule":\n"x"}', f"a{SLOT}b", '{"rule": ": "}'])
def test_any_text_can_be_split(body: str) -> None:
    assert joined_body(*split_body(body)) == body
