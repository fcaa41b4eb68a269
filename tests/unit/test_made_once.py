"""What tests make once a process, and what stays their own."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
from sqlalchemy import inspect, text

from fmn.infra.db import Base, Database
from tests.factories.databases import tables_in
from tests.factories.statements import statements_on


def test_each_database_has_all_tables_and_rows_of_its_own(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/one") as one, tables_in(f"sqlite:///{tmp_path}/other") as other:
        assert set(inspect(one.engine).get_table_names()) >= set(Base.metadata.tables)
        with one.transaction() as session:
            session.execute(text("INSERT INTO slots (job, slot) VALUES ('digests', 1)"))
        with other.reading() as session:
            assert session.scalar(text("SELECT count(*) FROM slots")) == 0


def test_engines_share_what_they_compile_but_neither_connections_nor_listeners(tmp_path: Path) -> None:
    one = Database(f"sqlite:///{tmp_path}/one")
    with one.reading() as session:  # what has never connected knows too little to be shared
        session.execute(text("SELECT 1"))
    other = Database(f"sqlite:///{tmp_path}/other")
    try:
        with statements_on(one) as executed, other.transaction() as session:
            session.execute(text("SELECT 1"))
        assert executed == []
        assert one.engine.pool is not other.engine.pool
        assert one.engine.dialect is other.engine.dialect
    finally:
        one.close()
        other.close()


def test_a_client_that_trusts_its_own_authorities_does_not_get_the_shared_context() -> None:
    own = ssl.create_default_context()
    with httpx.Client(verify=own) as client, httpx.Client() as first, httpx.Client() as second:
        contexts = [each._transport._pool._ssl_context for each in (client, first, second)]  # type: ignore[attr-defined]  # noqa: SLF001
    assert contexts[0] is own
    assert contexts[1] is contexts[2] is not own
