"""Search queries as people type them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.errors import UserError
from fmn.text import one_line
from webapp.inbox.search_query import MAX_LENGTH, MAX_TERMS, Operator, SearchQuery, Term, parse_query

VALUES = st.text(min_size=1, max_size=20).map(one_line).filter(bool) | st.sampled_from([
    "-", "--x", '"', "\\", 'a"b', "a:b", "is:unread", "//", "https://example.org/a?b=c:d", ":", "-app:x"])
TERMS = st.builds(Term, VALUES, st.none() | st.sampled_from(Operator), st.booleans())
QUERIES = st.lists(TERMS, max_size=6).map(lambda terms: SearchQuery(tuple(terms)))


@pytest.mark.parametrize(("text", "terms"), [
    ("", []),
    ("  moss \n fern ", [Term("moss"), Term("fern")]),
    ("package:moss -app:koji IS:unread", [
        Term("moss", Operator.PACKAGE), Term("koji", Operator.APP, negated=True),
        Term("unread", Operator.IS)]),
    ('"in the oven" -"is:done" filter:"My packages"', [
        Term("in the oven"), Term("is:done", negated=True), Term("My packages", Operator.FILTER)]),
    (r'"a \"quoted\" back\\slash"', [Term('a "quoted" back\\slash')]),
    ("https://example.org/x 10:30 rpms/moss", [
        Term("https://example.org/x"), Term("10:30"), Term("rpms/moss")]),
    ('- -- a-b a"b ""', [Term("-"), Term("-", negated=True), Term("a-b"), Term('a"b')]),
    ("before:2026-11-01 after:today", [
        Term("2026-11-01", Operator.BEFORE), Term("today", Operator.AFTER)]),
])
def test_reads_words_operators_and_quotations(text: str, terms: list[Term]) -> None:
    assert list(parse_query(text).terms) == terms


@pytest.mark.parametrize(("text", "words"), [
    ("pakage:moss", "“pakage:” isn’t a search operator. Did you mean “package:”? To search for the text"),
    ("colour:red", "“colour:” isn’t a search operator. To search for the text itself, put it in quotation"),
    ("app: koji", "Write something after “app:”, without a blank in between."),
    ('app:""', "Write something after “app:”"),
    ('moss "in the', "Close the quotation marks"),
    ('"in the \\', "Close the quotation marks"),
    ("x" * (MAX_LENGTH + 1), f"at most {MAX_LENGTH} characters"),
    ("x " * (MAX_TERMS + 1), f"at most {MAX_TERMS} words and operators"),
])
def test_says_what_to_write_instead(text: str, words: str) -> None:
    with pytest.raises(UserError, match=r"^[^\n]*$") as told:
        parse_query(text)
    assert words in str(told.value)
    assert told.value.field == "q"


@given(QUERIES)
def test_a_query_written_and_read_again_is_the_same(query: SearchQuery) -> None:
    if len(str(query)) <= MAX_LENGTH:
        assert parse_query(str(query)) == query


@given(st.text(max_size=60) | st.text('ab:" \\-/', max_size=30))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    with suppress(UserError):
        query = parse_query(text)
        assert parse_query(str(query)) == query


def test_adds_a_term_once() -> None:
    unread = Term("unread", Operator.IS)
    query = parse_query("moss").with_term(unread)
    assert str(query.with_term(unread)) == "moss is:unread"
    assert query.words == "moss"
