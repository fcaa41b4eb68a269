"""Groups' filters as their members get them, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from fmn.filters.expressions import Rule
from fmn.filters.group_filters import inherited_filters, opt_out
from fmn.filters.models import Filter
from fmn.infra.db import Database
from tests.factories.groups import give_group
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects

MOSS = Rule.of("package_filter", {"package": "moss"})
GROUPS = {"infra": frozenset({"alice"}), "qa": frozenset({"alice", "bob"}), "relmgmt": frozenset({"bob"})}


def test_who_looks_at_their_filters_reads_none_of_other_groups(database: Database) -> None:
    alice = make_person(database, "alice")
    for group in GROUPS:
        give_group(database, group, **{f"{group} one": MOSS, f"{group} two": MOSS})
    with database.transaction() as session:
        opt_out(session, alice.user_id, "qa")

    with database.reading() as session:
        found = inherited_filters(session, alice.user_id, "alice", GROUPS)

        assert [each.name for each in found] == ["infra one", "infra two"]
        assert {each.group_name for each in session.identity_map.values() if isinstance(each, Filter)} == {
            "infra"}
        assert inherited_filters(session, alice.user_id, "nobody", GROUPS) == ()
