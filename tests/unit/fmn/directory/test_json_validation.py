"""Reading JSON of an expected shape, and telling where it isn't."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.directory import DirectoryUnavailableError
from fmn.directory.json_validation import JsonValidator

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def mistakes(shape: JsonValidator, most: int | None = None) -> list[str]:
    try:
        shape.check(most)
    except DirectoryUnavailableError as error:
        return str(error).splitlines()
    return []


class TestParsing:
    @pytest.mark.parametrize(("text", "sentence"), [
        (b"", "page: isn't JSON: line 1, column 1: Expecting value"),
        (b'{"a": 1\n"b": 2}', "page: isn't JSON: line 2, column 1: Expecting ',' delimiter"),
        (b"<html>", "page: isn't JSON: line 1, column 1: Expecting value"),
        (b'["\xff"]', "page: isn't UTF-8: byte 2 is wrong"),
        (b"[" * 100_000, "page: can't be read as JSON: maximum recursion depth exceeded"),
        (b"1" * 5000, "page: can't be read as JSON: Exceeds the limit (4300 digits)"),
    ])
    def test_what_is_no_json_is_told_with_the_place(self, text: bytes, sentence: str) -> None:
        with pytest.raises(DirectoryUnavailableError) as error:
            JsonValidator("page").parse(text)

        assert str(error.value).startswith(sentence)

    def test_a_key_that_is_there_twice_is_a_mistake(self) -> None:
        shape = JsonValidator("page")

        shape.lists(shape.parse(b'{"kde": ["alice"], "kde": ["bob"]}'), "groups")

        assert mistakes(shape) == [
            "page: /groups/kde is there more than once, and only the last would count"]


class TestMistakes:
    def test_each_one_has_its_place(self) -> None:
        # Given a tree with several mistakes
        shape = JsonValidator("page")
        value = {
            "alice": {"rpms": ["php", 7, ""], "a/b~c": "ruby"},
            "bob": ["php"],
            "": {"rpms": ["perl"]},
            "carol": {"rpms": ["ok"]},
        }

        # When it's read
        read = shape.tree(value, "owners")

        # Then what is right is there, and each mistake is told
        assert read["carol"] == {"rpms": ["ok"]}
        assert mistakes(shape) == [
            "page: /owners/ has a name that is empty or isn't printable",
            "page: /owners/alice/rpms/1 is 7, but should be a name",
            'page: /owners/alice/rpms/2 is "", but should be a name',
            'page: /owners/alice/a~1b~0c is "ruby", but should be a list of names',
            'page: /owners/bob is ["php"], but should be an object',
        ]

    def test_the_whole_document_is_a_place_too(self) -> None:
        shape = JsonValidator("page")
        shape.object([])

        assert mistakes(shape) == ["page: the document is [], but should be an object"]

    def test_a_long_value_is_cut(self) -> None:
        shape = JsonValidator("page")
        shape.name(["x" * 100])

        assert mistakes(shape) == [f'page: the document is ["{"x" * 38}…, but should be a name']

    def test_only_so_many_are_told_if_that_is_asked_for(self) -> None:
        shape = JsonValidator("page")
        shape.names([1, 2, 3, 4, 5])

        assert mistakes(shape, most=2) == [
            "page: /0 is 1, but should be a name", "page: /1 is 2, but should be a name", "and 3 more"]

    @pytest.mark.parametrize("name", ["ali\nce", "bob\t", "\ud800", "\x7f"])
    def test_a_name_is_printable(self, name: str) -> None:
        shape = JsonValidator("page")

        assert shape.name(name) == ""
        assert len(mistakes(shape)) == 1


@given(json_values)
def test_any_value_reads_as_a_tree_or_has_a_mistake(value: object) -> None:
    shape = JsonValidator("page")

    read = shape.tree(value)

    assert (read == value) or mistakes(shape)
