"""``fmn unreadable``, and the table behind it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from fmn.cli import main
from fmn.infra.db import Database
from fmn.ledger.unreadable import UnreadableMessage, keep_unreadable, prune_unreadable, unreadable_messages
from tests.factories.messages import NOON

pytestmark = pytest.mark.dialects


def unreadable(number: int) -> UnreadableMessage:
    return UnreadableMessage.of(
        "fedora-messaging", NOON + timedelta(minutes=number), f"org.example.oven\n{number}", "not-json",
        "the body isn't JSON", b'{"api_key": "hush", "cake": "\xff\0' + b"x" * 10_000)


def test_lists_what_couldnt_be_read_without_secrets(database: Database, tmp_path: Path) -> None:
    config = tmp_path / "fmn.ini"
    config.write_text(f"[app:main]\nfmn.database.url = {database.url}\n")

    def run(*arguments: str) -> list[str]:
        return CliRunner().invoke(
            main, ["--config", str(config), "unreadable", *arguments], catch_exceptions=False,
        ).stdout.splitlines()

    assert run() == ["No unreadable messages."]
    with database.transaction() as session:
        keep_unreadable(session, [unreadable(number) for number in range(3)])
    lines = run("--last", "2")
    assert [line[:19] for line in lines] == ["2026-05-04 12:01:00", "2026-05-04 12:02:00"]
    _, body = run("--last", "1", "--body")
    assert '{"api_key": …, "cake": "' in body
    assert "hush" not in body
    assert len(body) < 4_200


def test_keeps_the_newest_for_a_while(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fmn.ledger.unreadable.MAX_ROWS", 5)
    for number in range(0, 12, 3):
        with database.transaction() as session:
            keep_unreadable(session, [unreadable(number + each) for each in range(3)])
    with database.transaction() as session:
        kept = [row.received_at - NOON for row in unreadable_messages(session, 100)]
        assert kept == [timedelta(minutes=number) for number in (11, 10, 9, 8, 7)]
        assert prune_unreadable(session, NOON + timedelta(minutes=9), 100) == 2
        assert prune_unreadable(session, NOON + timedelta(minutes=9), 100) == 0
