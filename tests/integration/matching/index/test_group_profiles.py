"""What people get from their groups, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from fmn.filters.expressions import Rule
from fmn.filters.group_filters import load_group_filters, opt_out
from fmn.infra.db import Database
from fmn.matching.index.group_profiles import inherited_by
from tests.factories.groups import give_group
from tests.factories.people import make_person
from tests.factories.statements import statements_on

pytestmark = pytest.mark.dialects

MOSS = Rule.of("package_filter", {"package": "moss"})


def test_who_changed_alone_is_looked_up(database: Database) -> None:
    # Given a group, two of whose members opted out, and somebody who isn't in it
    alice, bob, carol, dave = (make_person(database, nick) for nick in ("alice", "bob", "carol", "dave"))
    give_group(database, "infra", Grown=MOSS)
    groups = {"infra": frozenset({"alice", "bob", "carol"})}
    with database.transaction() as session:
        for person in (bob, carol):
            opt_out(session, person.user_id, "infra")
    with database.reading() as session:
        found = load_group_filters(session, groups)
        everybody = inherited_by(session, found)
        # When some of them changed
        with statements_on(database) as executed:
            some = inherited_by(session, found, {alice.user_id, bob.user_id, dave.user_id})
    # Then they get what they get of all, and nobody else's choice is read
    assert some == everybody
    assert some.keys() == {alice.user_id}
    assert [("user_id IN" in each or "users.id IN" in each) for each in executed] == [True, True]
