from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts


@pytest.mark.parametrize("body", [
    {"agent": "mary", "user": "sam", "group": "mossers"},
    {"agent": {"username": "mary"}, "user": {"username": "sam"}, "group": {"name": "mossers"}},
    {"msg": {"agent": "mary", "user": "sam", "group": "mossers"}},
])
def test_people_and_groups_are_read_in_all_shapes(body: Any) -> None:
    known = facts("fas.group.member.remove", body)
    told = described("fas.group.member.remove", body)

    assert known.agent == "mary"
    assert known.usernames == {"mary", "sam"}
    assert known.groups == {"mossers"}
    assert told.summary == "mary removed sam from the group mossers"
    assert told.secondary_icon == avatar("mary")
    assert told.link == ""


BOTH = {"agent": "mary", "user": "sam", "group": "mossers"}
SELF = {"agent": "sam", "user": "sam", "group": "mossers"}


@pytest.mark.parametrize(("title", "body", "expected"), [
    ("user.create", SELF, "sam made an account"),
    ("user.create", BOTH, "mary made the account sam"),
    ("user.update", {**SELF, "fields": ["timezone"]}, "sam changed timezone in their own profile"),
    ("user.update", {"msg": {**SELF, "fields": ["timezone"]}}, "sam changed timezone in their own profile"),
    ("user.update", {**BOTH, "fields": ["a", "b"]}, "mary changed a and b in the profile of sam"),
    ("group.create", BOTH, "mary made the group mossers"),
    ("group.update", {**BOTH, "fields": []}, "mary changed something of the group mossers"),
    ("group.member.apply", SELF, "sam asked to be a member of the group mossers"),
    ("group.member.apply", BOTH, "mary asked that sam be a member of the group mossers"),
    ("group.member.sponsor", BOTH, "mary made sam a member of the group mossers"),
    ("group.member.remove", SELF, "sam left the group mossers"),
    ("group.member.removed", BOTH, "mary removed sam from the group mossers"),
    ("role.update", BOTH, "mary changed the role of sam in the group mossers"),
    ("role.update", {**BOTH, "status": "sponsor"},
     "mary changed the role of sam in the group mossers to sponsor"),
])
def test_what_happens_to_accounts_and_groups_is_told(
    title: str, body: dict[str, Any], expected: str,
) -> None:
    assert described(f"fas.{title}", body).summary == expected
