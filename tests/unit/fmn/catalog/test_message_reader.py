from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import JsonNode
from tests.messages import reading

BODY = {
    "name": "moss",
    "number": 7,
    "ratio": 0.5,
    "yes": True,
    "nothing": None,
    "list": ["a", 1, None, {"name": "b"}],
    "inner": {"list": [{"name": "mary"}, {"name": "sam"}]},
}
NODE = JsonNode(BODY)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
paths = st.lists(st.integers(-3, 3) | st.sampled_from(["name", "list", "inner", ""]), max_size=4)


def test_values_are_found_by_path() -> None:
    assert NODE.text("name") == "moss"
    assert NODE.text("inner", "list", 1, "name") == "sam"
    assert NODE.text("inner", "list", -1, "name") == "sam"
    assert NODE.at("inner").at("list", 0).text("name") == "mary"
    assert NODE.value("list", 0) == "a"


def test_numbers_are_written_out() -> None:
    assert NODE.text("number") == "7"
    assert NODE.text("ratio") == "0.5"
    assert NODE.number("number") == 7


@pytest.mark.parametrize("path", [
    ("missing",), ("nothing",), ("yes",), ("list",), ("inner",), ("name", "more"), ("list", 9), ("list", "a"),
    ("inner", 0), ("number", 0), (0,),
])
def test_what_is_no_text_reads_as_an_empty_one(path: tuple[str | int, ...]) -> None:
    assert NODE.text(*path) == ""


def test_what_is_no_number_reads_as_none() -> None:
    assert NODE.number("name") is None
    assert NODE.number("yes") is None


def test_only_true_is_true() -> None:
    assert NODE.flag("yes")
    assert not NODE.flag("number")
    assert not NODE.flag("missing")


def test_lists_and_objects_are_empty_where_there_are_none() -> None:
    assert [node.text("name") for node in NODE.nodes("inner", "list")] == ["mary", "sam"]
    assert NODE.texts("list") == ["a"]
    assert NODE.keys("inner") == ["list"]
    assert NODE.nodes("name") == []
    assert NODE.texts("inner") == []
    assert NODE.keys("list") == []


def test_null_is_not_there() -> None:
    assert NODE.has("name")
    assert not NODE.has("nothing")


@given(anything, paths)
def test_no_body_and_no_path_raises(body: Any, path: list[str | int]) -> None:
    node = JsonNode(body)

    for method in (node.text, node.number, node.flag, node.has, node.nodes, node.texts, node.keys, node.at):
        method(*path)


def test_the_topic_is_read_in_parts() -> None:
    m = reading({}, title="git.receive.moss.f44")

    assert m.topic == "org.fedoraproject.prod.git.receive.moss.f44"
    assert m.environment == "prod"
    assert [m.topic_part(n) for n in (0, 2, -1, 9)] == ["git", "moss", "f44", ""]


def test_accounts_are_found_by_nick_or_address() -> None:
    m = reading({}, {"mary_": "mary", "mary@example.org": "mary"}.get)

    assert m.account("mary_") == "mary"
    assert m.account("mary@example.org") == "mary"
    assert m.account("stranger@example.org") is None
    assert m.account("") is None


def test_an_address_of_the_project_names_its_account_whatever_the_directory_says() -> None:
    m = reading({}, lambda _name: "mallory")

    assert m.account("mary@fedoraproject.org") == "mary"
    assert reading({}).account("@fedoraproject.org") is None
    assert reading({}).account("mary@fedoraproject.org.example.com") is None
