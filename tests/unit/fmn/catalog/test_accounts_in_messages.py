from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import JsonNode
from fmn.catalog.accounts_in_messages import avatar, avatar_by_email, committer, mentions, person
from tests.messages import reading


@pytest.mark.parametrize("body", [
    {"agent": "mary"},
    {"agent": {"name": "mary", "id": 7}},
    {"agent": {"username": "mary"}},
    {"agent": {"nickname": "mary", "rank": 3}},
])
def test_a_person_is_read_in_every_shape_that_services_write(body: Any) -> None:
    assert person(JsonNode(body), "agent") == "mary"


@pytest.mark.parametrize("body", [
    None, {}, {"agent": None}, {"agent": 7}, {"agent": {}}, {"agent": {"name": 7}}, {"agent": ["mary"]},
])
def test_nobody_is_read_as_an_empty_name(body: Any) -> None:
    assert person(JsonNode(body), "agent") == ""


@pytest.mark.parametrize(("text", "expected"), [
    ("Thanks @mary, and @sam-sample.", ["mary", "sam-sample"]),
    ("@mary", ["mary"]),
    ("Write to mary@example.org or see https://example.org/@mary", []),
    ("@ mary, @-", []),
])
def test_people_are_mentioned_by_name(text: str, expected: list[str]) -> None:
    assert mentions(text) == expected


def test_a_committer_is_named_or_found_by_address() -> None:
    def found(commit: Any) -> str:
        return committer(reading({"commit": commit}, {"mary@example.org": "mary"}.get), "commit")

    assert found({"username": "sam", "email": "mary@example.org"}) == "sam"
    assert found({"username": None, "email": "mary@example.org"}) == "mary"
    assert found({"email": "tom@fedoraproject.org"}) == "tom"
    assert found({"email": "stranger@example.org"}) == ""


def test_pictures_are_found_by_account_or_address() -> None:
    # Both are what `printf … | sha256sum` and `md5sum` say.
    assert avatar("mary") == (
        "https://seccdn.libravatar.org/avatar/"
        "bcbd84c5283b06bc693e3859ed29ae5055ded0a799147dd73687ebe014dea668?s=64&d=retro"
    )
    assert avatar_by_email(" Mary@Example.org") == (
        "https://seccdn.libravatar.org/avatar/657331ffcc286becda5f20647a834348?s=64&d=retro"
    )


def test_half_a_character_in_a_name_is_no_reason_to_fail() -> None:
    assert avatar("\ud800").startswith("https://")
    assert avatar_by_email("\ud800").startswith("https://")
