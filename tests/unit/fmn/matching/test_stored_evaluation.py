"""A clause holds for a stored message exactly if it holds for the message."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import CheckedMessage, owners_of, relations_of, relations_to
from fmn.filters.expression_syntax import parse_expression
from fmn.filters.expressions import Expression
from fmn.matching.compiler import compile_expression
from fmn.matching.deadlines import Deadline
from fmn.matching.match_context import MatchContext
from fmn.matching.stored_evaluation import Answer, StoredEvaluation
from tests.unit.fmn.matching.generated_inputs import (
    CATALOG,
    NICKS,
    RULE_TYPES,
    directories,
    expressions,
    messages,
    ties_of,
    view_of,
)


def facts_row(facts: Facts) -> tuple[str | None, ...]:
    return (
        facts.message.category, facts.event.name, facts.agent, json.dumps(sorted(facts.usernames)),
        json.dumps(sorted(map(str, facts.packages))), json.dumps(sorted(facts.groups)), facts.message.topic)


def stored(facts: Facts) -> Any:
    message = facts.message
    return SimpleNamespace(
        msg_id=message.msg_id, topic=message.topic, sent_at=message.sent_at, body=json.dumps(message.body),
        headers="{}")


def check(expression: Expression, facts: Facts, directory: Directory, nick: str) -> None:
    clause = compile_expression(expression, RULE_TYPES)
    evaluation = StoredEvaluation(clause, nick, MatchContext(RULE_TYPES, CATALOG, directory), Deadline())
    expected = clause.holds(view_of(facts, directory), ties_of(facts, directory, nick))

    row = facts_row(facts)
    answer, left = evaluation.remainder(row)
    if answer in (Answer.NO, Answer.YES):
        assert (answer is Answer.YES) is expected
        return
    assert evaluation.holds_for(left, row, stored(facts)) is expected
    if answer is not Answer.READ:
        assert evaluation.holds(left, facts.message.msg_id, json.dumps(facts.message.body)) is expected
    if answer is Answer.SEARCH:
        assert evaluation.found_in(left, CheckedMessage(facts).text) is expected


@given(expressions(), messages(), directories())
def test_it_agrees_with_the_matcher(expression: Expression, facts: Facts, directory: Directory) -> None:
    check(expression, facts, directory, NICKS[0])


@pytest.mark.parametrize("text", [
    "regex_filter(re) or regex_filter(fail)", "regex_filter(re) and not regex_filter(fail)",
    "not (regex_filter(re) and regex_filter(ad))", "regex_filter(re) or actor(@me)",
    "actor(@me) and (regex_filter(re) or regex_filter(fail))",
    "not (actor(@me) and regex_filter(re)) and (severity(error) or regex_filter(fail))",
    "severity(error) or (regex_filter(re) and (actor(@me) or regex_filter(fail)))",
    "oven_says(ready) or regex_filter(re)", "not oven_says(ready) and not regex_filter(re)",
    "field_regex(path=*, pattern=re) or maintains(@me)",
])
@given(nick=st.sampled_from(NICKS[:2]), facts=messages(), directory=directories())
def test_searches_agree_with_the_matcher(text: str, nick: str, facts: Facts, directory: Directory) -> None:
    check(parse_expression(text, RULE_TYPES), facts, directory, nick)


@given(messages(), directories())
def test_relations_to_one_person_are_those_of_all(facts: Facts, directory: Directory) -> None:
    owners = owners_of(facts, directory)

    everybody = relations_of(facts, owners, NICKS[:2])

    for nick in NICKS:
        assert relations_to(nick, facts, owners, NICKS[:2]) == everybody.get(nick, 0)
