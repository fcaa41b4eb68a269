"""Conditions on lists of ids, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from fmn.infra.db import Database
from fmn.infra.id_lists import in_ids
from fmn.infra.public_ids import LARGEST_ID
from fmn.people.models import User

pytestmark = pytest.mark.dialects

_USERS = User.__table__.c
_FIND = select(_USERS.id).where(in_ids(_USERS.id, "ids")).order_by(_USERS.id)


def found(session: Session, ids: Sequence[int]) -> list[int]:
    return list(session.scalars(_FIND, {"ids": ids}))


@pytest.fixture
def people(database: Database) -> Database:
    with database.transaction() as session:
        session.add_all([User(id=number, nick=f"person{number}") for number in (1, 2, 3, LARGEST_ID)])
    return database


@pytest.mark.parametrize(("ids", "known"), [
    ([], []), ([2], [2]), ([3, 1, 3], [1, 3]), ([4, LARGEST_ID], [LARGEST_ID]), (range(1, 5_000), [1, 2, 3]),
])
def test_finds_the_rows_whose_ids_are_in_the_list(
    people: Database, ids: Sequence[int], known: Sequence[int],
) -> None:
    with people.transaction() as session:
        assert found(session, ids) == known


def test_one_statement_serves_lists_of_all_lengths(people: Database) -> None:
    said: list[str] = []
    with people.transaction() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *told: said.append(told[2]))
        assert [found(session, ids) for ids in ([], [1], [1, 2])] == [[], [1], [1, 2]]
    assert len(set(said)) == 1
