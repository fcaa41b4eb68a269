"""What can be watched, by which names, and with which filters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.errors import UserError
from fmn.filters.expression_syntax import parse_expression, print_expression
from fmn.filters.expressions import All, Rule, with_me
from fmn.filters.rule_types import rule_types
from fmn.filters.watch_subjects import (
    Subject,
    SubjectKind,
    WatchLevel,
    named_subjects,
    parse_subject,
    possible_subjects,
    subject,
    watched_subject,
)

MOSS = subject(SubjectKind.PACKAGE, "rpms/moss")
MARY = subject(SubjectKind.PERSON, "mary")
INFRA = subject(SubjectKind.GROUP, "infra")
BODHI = subject(SubjectKind.APPLICATION, "bodhi")


@pytest.mark.parametrize("watched", [MOSS, MARY, INFRA, BODHI], ids=lambda it: it.kind)
def test_each_level_is_a_filter_of_its_own_that_can_be_asked(watched: Subject) -> None:
    types = rule_types()
    for level in watched.levels:
        types.check(watched.expression(level))
    assert len(watched.digests("somebody")) == len(watched.levels)


def test_filters_are_named_after_what_they_watch() -> None:
    assert [each.spec(WatchLevel.EVERYTHING).name for each in (MOSS, MARY, INFRA, BODHI)] == [
        "Watch rpms/moss", "Watch mary", "Watch group infra", "Watch Bodhi"]


@pytest.mark.parametrize(("level", "text"), [
    (WatchLevel.EVERYTHING, "package_filter(rpms/moss)"),
    (WatchLevel.FAILURES, "package_filter(rpms/moss) and severity(warning)"),
])
def test_a_watch_asks_what_one_would_write(level: WatchLevel, text: str) -> None:
    types = rule_types()
    assert print_expression(MOSS.expression(level), types) == text


def test_who_watches_themselves_has_a_filter_about_me() -> None:
    assert MARY.digests("mary").keys() != MARY.digests("tom").keys()


def test_an_application_that_the_catalogue_lacks_is_asked_for_by_topic() -> None:
    zuul = subject(SubjectKind.APPLICATION, "zuul")
    assert zuul.expression(WatchLevel.EVERYTHING) == Rule.of("topic_filter", {"pattern": "*.zuul.*"})


@pytest.mark.parametrize(("written", "wanted"), [
    ("rpms/moss", MOSS), ("package:rpms/moss", MOSS), ("person:mary", MARY), ("PERSON:mary", MARY),
    ("group:infra", INFRA), ("@infra", INFRA), ("app:bodhi", BODHI), ("moss", None),
])
def test_words_say_of_what_kind_they_are(written: str, wanted: Subject | None) -> None:
    assert parse_subject(written) == wanted


@pytest.mark.parametrize("wanted", [MOSS, MARY, INFRA, BODHI, subject(SubjectKind.PACKAGE, "moss")])
def test_what_is_written_is_read_again(wanted: Subject) -> None:
    assert parse_subject(wanted.written) == wanted


def test_a_bare_name_may_be_anything() -> None:
    assert [each.kind for each in possible_subjects("moss")] == list(SubjectKind)
    assert [each.kind for each in possible_subjects("python3.12")] == [
        SubjectKind.PACKAGE, SubjectKind.PERSON, SubjectKind.GROUP]


@pytest.mark.parametrize("kind", list(SubjectKind))
@pytest.mark.parametrize("name", ["", " ", "a b", "a,b", "..", "a/..", "a/b/c", "(a)", "*", "a\0", "x" * 151])
def test_other_names_are_refused_with_a_sentence(kind: SubjectKind, name: str) -> None:
    with pytest.raises(UserError, match=r"\.$") as refused:
        subject(kind, name)
    assert refused.value.field == "subject"


@given(st.sampled_from(SubjectKind), st.text(max_size=20))
def test_whatever_is_taken_for_a_name_can_be_asked_and_is_known_again(kind: SubjectKind, name: str) -> None:
    try:
        found = subject(kind, name)
    except UserError:
        return
    types = rule_types()
    for level in found.levels:
        expression = found.expression(level)
        types.check(expression)
        assert parse_expression(print_expression(expression, types), types) == expression
        for nick in ("somebody", found.name):
            assert watched_subject(with_me(expression, nick), nick) == (found, level)


@pytest.mark.parametrize("text", [
    "koji_tag", 'package_filter("rpms/moss, rpms/fern")', "package_filter(rpms/moss) and koji_tag",
    "package_filter(rpms/moss) or severity(warning)", "not package_filter(rpms/moss)",
    'user_filter("@me, tom")', "topic_filter(*.zuul)", "topic_filter(*.bodhi.*)",
    "group(infra) and severity(warning)",
])
def test_other_filters_are_no_watches(text: str) -> None:
    assert watched_subject(parse_expression(text, rule_types()), "mary") is None


def test_the_subjects_of_any_filter_are_named() -> None:
    expression = All((
        Rule.of("package_filter", {"package": "rpms/moss, fern, a b"}), MARY.expression(WatchLevel.ACTIONS),
        Rule.of("user_filter", {"fasnick": "@me,mary"}), Rule("git_receive")))
    assert list(named_subjects(expression)) == [MOSS, subject(SubjectKind.PACKAGE, "fern"), MARY]
