"""What people and programs may do."""

from __future__ import annotations

import pytest

from fmn.people.api_tokens import TokenOwner
from webapp.identity import Identity, Permission


def program(*scopes: str) -> Identity:
    return Identity(1, "alice", is_administrator=True, token=TokenOwner(7, 1, "alice", frozenset(scopes)))


@pytest.mark.parametrize(("who", "may"), [
    (Identity(1, "alice"), {Permission.SIGNED_IN}),
    (Identity(2, "root", is_administrator=True), {Permission.SIGNED_IN, Permission.ADMINISTER}),
    (program("read"), {Permission.READ}),
    (program("write"), {Permission.WRITE}),
    (program("read", "write"), {Permission.READ, Permission.WRITE}),
    (program(), set()),
    # whatever else a token's row says, by mistake or not
    (program("signed in", "administer", "__no_permission_required__", "everything"), set()),
])
def test_each_may_do_what_is_theirs_to_do(who: Identity, may: set[Permission]) -> None:
    assert {permission for permission in Permission if who.has_permission(permission)} == may
    assert not who.has_permission("everything")
