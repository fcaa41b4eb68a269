from __future__ import annotations

import pytest

from fmn.directory.snapshot import Directory
from fmn.filters import regexes
from fmn.filters.expressions import AnyOf, Not, Rule
from fmn.filters.rule_types import rule_types
from fmn.matching.deadlines import Deadline, RequestAbandonedError
from fmn.matching.verdicts import ALL_OF, ANY_OF, NOT, TOO_SLOW, ExpressionEvaluator, Verdict, first_refusal
from tests.factories.messages import make_facts, make_message

TEXT = Rule.of("regex_filter", {"pattern": "summary"})


def judge(meter: Deadline | None = None) -> ExpressionEvaluator:
    return ExpressionEvaluator(
        make_facts(make_message(body={"summary": "a"})), Directory(), rule_types(), meter=meter)


def test_a_text_that_is_too_long_to_search_is_no_silent_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexes, "MAX_SEARCH_STEPS", 10)

    # Neither what asks for it nor what excludes it holds, and it's said why
    for expression in (TEXT, Not(TEXT)):
        assert not judge().holds(expression)
    verdict = judge().verdict(AnyOf((TEXT, Rule("koji_tag"))))
    assert [part.holds for part in verdict.parts] == [False, False]
    size = regexes.Pattern("summary").size
    assert [part.problem for part in verdict.parts] == [
        f"a text of 16 bytes is too long for a pattern of {size} instructions", ""]


def test_a_rule_for_which_there_is_no_time_says_so() -> None:
    deadline = Deadline()
    deadline.end_in(-1)

    verdict = judge(deadline).verdict(TEXT)

    assert (verdict.holds, verdict.problem) == (False, TOO_SLOW)


def test_it_ends_when_nobody_waits() -> None:
    with pytest.raises(RequestAbandonedError):
        judge(Deadline(lambda: True)).verdict(TEXT)


YES, NO, OTHER_NO = (
    Verdict(holds=True, words="yes"), Verdict(holds=False, words="no"), Verdict(holds=False, words="other"))


def refused(words: str, *parts: Verdict) -> Verdict:
    return Verdict(holds=False, words=words, parts=parts)


@pytest.mark.parametrize(("verdict", "refusal"), [
    (YES, YES),
    (NO, NO),
    (refused(ALL_OF, YES, NO, OTHER_NO), NO),
    (refused(ALL_OF, YES, refused(ALL_OF, YES, OTHER_NO), NO), OTHER_NO),
    (refused(NOT, YES), refused(NOT, YES)),
    # Each part of "any of" said no, so each counts, by its own first refusal
    (refused(ANY_OF, NO, refused(ALL_OF, YES, OTHER_NO, NO)), refused(ANY_OF, NO, OTHER_NO)),
    # One that can't be asked fails though its parts hold
    (refused(ALL_OF, YES, YES), refused(ALL_OF, YES, YES)),
])
def test_the_first_rule_that_said_no_decides(verdict: Verdict, refusal: Verdict) -> None:
    assert first_refusal(verdict) == refusal
