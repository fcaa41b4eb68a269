from __future__ import annotations

import pytest

from fmn.catalog.accounts_in_messages import avatar, avatar_by_email
from fmn.catalog.identities import account_of, addresses_in, avatar_of
from tests.messages import reading

M = reading({}, {"mossy": "mary", "mary@example.org": "mary"}.get)


@pytest.mark.parametrize(("identity", "account"), [
    ("mary", "mary"),
    ("mossy", "mary"),
    ("mary@example.org", "mary"),
    ("sam@fedoraproject.org", "sam"),
    ("sam@example.org", ""),
    ("http://mary.id.fedoraproject.org/", "mary"),
    ("https://mary-ann.id.fedoraproject.org", "mary-ann"),
    ("https://example.org/mary", "https://example.org/mary"),
    ("", ""),
])
def test_whoever_a_service_names_somehow_is_found(identity: str, account: str) -> None:
    assert account_of(M, identity) == account


@pytest.mark.parametrize(("text", "addresses"), [
    ("Mary <mary@example.org>, sam@example.org", ["mary@example.org", "sam@example.org"]),
    ('"Made-up, Mary" <mary@example.org>', ["mary@example.org"]),
    ("? (mary@example.org)", ["mary@example.org"]),
    ("mary", []),
    ("(" * 50_000, []),
    ("a" * 50_000, []),
])
def test_addresses_are_found_among_other_words(text: str, addresses: list[str]) -> None:
    assert addresses_in(text) == addresses


@pytest.mark.parametrize(("identity", "picture"), [
    ("mossy", avatar("mary")),
    ("mary@example.org", avatar("mary")),
    ("sam@example.org", avatar_by_email("sam@example.org")),
    ("", ""),
])
def test_people_without_account_have_a_picture_by_their_address(identity: str, picture: str) -> None:
    assert avatar_of(M, identity) == picture
