"""The connection to PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from fmn.db import Database


@pytest.mark.parametrize(("options", "pause"), [
    ("", "1min"),
    ("?options=-c%20idle_in_transaction_session_timeout%3D7000", "7s"),
])
def test_a_transaction_that_hangs_gives_back_what_it_locked(
    postgresql_url: str, options: str, pause: str,
) -> None:
    database = Database(postgresql_url + options)
    with database.transaction() as session:
        assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == pause
    database.close()
