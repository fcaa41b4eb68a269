from __future__ import annotations

import pytest

from fmn.catalog import JsonNode
from fmn.catalog.commits import COMMIT, about, author_of, short_ref, title_of


@pytest.mark.parametrize(("name", "expected"), [
    ("refs/heads/main", "main"), ("refs/tags/2.4", "2.4"), ("feature/south", "feature/south"), ("", "")])
def test_branches_and_tags_are_named_as_people_do(name: str, expected: str) -> None:
    assert short_ref(name) == expected


def test_a_commit_is_told_of_by_its_first_line() -> None:
    assert title_of(JsonNode(COMMIT)) == ': "Grow on the north side"'
    assert title_of(JsonNode({"message": "Grow faster\n\nIt was too slow."})) == ': "Grow faster"'
    assert title_of(JsonNode({})) == ""


def test_an_author_without_account_has_a_name_or_an_address() -> None:
    assert author_of(JsonNode(COMMIT)) == "Mary Made-up"
    assert author_of(JsonNode({"email": "mary@example.org"})) == "mary@example.org"
    assert author_of(JsonNode(None)) == ""


def test_a_commit_in_full_has_its_message_and_its_files() -> None:
    assert about(JsonNode(COMMIT)) == (
        "Grow on the north side\n\nThe south side is too dry.\n\n- moss.spec (+3, -1)")


def test_older_hooks_called_additions_insertions() -> None:
    files = {"a": {"insertions": 1, "deletions": 2}, "b": None}

    assert about(JsonNode({"stats": {"files": files}})) == "- a (+1, -2)\n- b"
