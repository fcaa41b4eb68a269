"""The database that tests share."""

from __future__ import annotations

from fmn.infra.db import Database
from tests.factories.databases import IDS_APART
from tests.factories.people import make_person


def test_ids_of_tables_are_apart_and_small_ones_are_nobodys(postgresql_database: Database) -> None:
    alice = make_person(postgresql_database, "alice", addresses=["alice@example.org"])
    ids = [alice.user_id, alice.preference_id, *alice.filter_ids, *alice.address_ids]
    assert len({each // IDS_APART for each in ids}) == len(ids) == 4
    assert min(ids) >= IDS_APART
