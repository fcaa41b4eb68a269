"""``fmn messages``, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from fmn.administration.models import AuditEntry
from fmn.cli import main
from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.ledger.quarantine import MAX_TRIES
from tests.factories.messages import stored

pytestmark = pytest.mark.dialects


def test_says_what_is_set_aside_and_lets_it_be_tried_again(database: Database, tmp_path: Path) -> None:
    # Given two messages, of which processes died of the second
    config = tmp_path / "fmn.ini"
    config.write_text(f"[app:main]\nfmn.database.url = {database.url}\n")

    def run(*arguments: str) -> str:
        return CliRunner().invoke(
            main, ["--config", str(config), "messages", *arguments], catch_exceptions=False).stdout

    _, second = stored(database, 1, 2)
    assert run("list") == "No quarantined messages.\n"
    with database.transaction() as session:
        killer = session.get_one(StoredMessage, second)
        killer.tries = MAX_TRIES

    # When an administrator asks, then it has a line with which it's found in the log
    [line] = run("list").splitlines()
    assert line.endswith(f"{killer.msg_id}  {killer.topic}")

    # And once they have mended its cause, it can go on, which is on record
    assert run("requeue") == "1 message requeued, for 3 attempts at most.\n"
    assert run("list") == "No quarantined messages.\n"
    with database.reading() as session:
        assert [(each.action, each.details) for each in session.scalars(select(AuditEntry))] == [
            ("retried messages", {"count": 1})]
