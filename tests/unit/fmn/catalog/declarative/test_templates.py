"""Templates of texts and links."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Message
from fmn.catalog.declarative.templates import MAX_LINK_LENGTH, MAX_PLACEHOLDERS, parse_template
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import safe_link
from tests.factories.messages import NOON

BODY = {
    "actor": {"name": "mary"},
    "plant": {"id": 7, "name": "moss & fern", "wet": True, "url": "https://a.example/?q=1"},
    "files": [{"path": "a"}, {"path": "b"}, {}, {"path": "c"}], "labels": {"example.org/bed": "north"},
    "text": "First line.\nSecond line.", "words": "word " * 40, "nothing": None,
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12)


def reader(body: Any = BODY, **headers: Any) -> MessageReader:
    return MessageReader(Message("1", "org.example.prod.garden.plant", NOON, body, headers=headers))


@pytest.mark.parametrize(("template", "text"), [
    ("{actor.name|Somebody} watered {plant.name}", "mary watered moss & fern"),
    ("{nobody.name|Somebody} came", "Somebody came"),
    ("{nobody.name} came", " came"),
    ("{files[*].path}", "a, b and c"),
    ("{files[0].path}{files[-1].path}{files[9].path|?}", "ac?"),
    ("{files[*].path:first}", "a"),
    ("{files[*].path:lines}", "- a\n- b\n- c"),
    ("{files[*]:count file}, {files[*].path:count leaf/leaves}", "4 files, 3 leaves"),
    ("{files[0]:count file}", "1 file"),
    ("{nobody[*]:count file|no file}", "no file"),
    ("{text:line}", "First line."),
    ("{words:short}", "word word word word word word word word word word word word word word…"),
    ('{labels."example.org/bed"}', "north"),
    ("{plant.id} {plant.wet} {plant} {files} {nothing}", "7 true   "),
    ("{$subject} by {$nobody|nobody}", "bed 1 by nobody"),
    ("{{not.a.path}} }} {{", "{not.a.path} } {"),
])
def test_a_template_shows_what_is_at_its_paths(template: str, text: str) -> None:
    assert parse_template(template).render(reader(subject="bed 1")) == text


@pytest.mark.parametrize(("template", "reason"), [
    ("{", "a { has no counterpart; a brace itself is written {{"),
    ("a } b", "a } has no counterpart"),
    ("{}", "a path such as actor.name is missing"),
    ("{a..b}", r"\{a..b\} can't be read from '..b' on"),
    ("{a b}", "can't be read from ' b' on"),
    ("{a[x]}", r"can't be read from '\[x\]' on"),
    ("{a:shout}", "has the unknown form 'shout'; there are first, line, short, lines, count NOUN"),
    ("{" + "a." * 30 + "a}", "a path has 20 steps"),
    ("{a}" * (MAX_PLACEHOLDERS + 1), "more than 50 placeholders"),
    ("x" * 6_000, "more than 5,000 characters"),
])
def test_a_template_that_cannot_be_read_says_why(template: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_template(template)


class TestLinks:
    def test_values_cannot_leave_their_place(self) -> None:
        link = parse_template("https://garden.example/plants/{plant.name}?by={actor}")
        assert link.render_link(reader({"plant": {"name": "a/b?c#d&e"}, "actor": "x&admin=1"})) == (
            "https://garden.example/plants/a/b%3Fc%23d%26e?by=x%26admin%3D1")

    def test_a_value_at_the_beginning_is_a_link_itself(self) -> None:
        assert parse_template("{plant.url}").render_link(reader()) == "https://a.example/?q=1"

    def test_without_a_value_there_is_none(self) -> None:
        link = parse_template("https://garden.example/plants/{plant.number}")
        assert link.render_link(reader()) == ""

    def test_one_that_is_too_long_is_not_cut(self) -> None:
        link = parse_template("https://garden.example/{x}")
        assert link.render_link(reader({"x": "y" * MAX_LINK_LENGTH})) == ""


class TestKeys:
    def test_a_key_needs_all_its_values(self) -> None:
        key = parse_template("plant {plant.id}")
        assert [key.render_key(reader()), key.render_key(reader({}))] == ["plant 7", ""]


@given(st.text(alphabet='{}[]*.|:"$ab0-/ count lines', max_size=40), json_values)
def test_whatever_parses_renders_whatever_the_body_is(text: str, body: Any) -> None:
    try:
        template = parse_template(text)
    except ValueError:
        return
    m = reader(body)
    assert len(template.render(m, 30)) <= 30
    assert len(template.render_link(m)) <= MAX_LINK_LENGTH
    template.render_key(m)


@given(st.text())
def test_text_without_braces_stays_as_it_is(text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    assert parse_template(plain).render(reader()) == plain


@given(st.text(min_size=1))
def test_a_value_never_changes_where_a_link_leads(value: str) -> None:
    link = safe_link(parse_template("https://garden.example/p/{x}").render_link(reader({"x": value})))
    assert link == "" or link.startswith("https://garden.example/p/")
    assert not {"?", "#"} & set(link)


def test_names_of_python_are_names_like_any_other() -> None:
    template = parse_template("{a.__class__.__mro__[0].__init__}{__import__(1)|nothing}")
    assert template.render(reader({"a": "x"})) == "nothing"


def test_a_long_list_is_cut() -> None:
    count = parse_template("{x[*]:count thing}")
    assert count.render(reader({"x": list(range(5_000))})) == "1000 things"
