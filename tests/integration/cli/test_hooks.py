"""``fmn hooks``, on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from fmn.administration.hook_management import MOST_HOOKS
from fmn.administration.models import AuditEntry
from fmn.cli import main
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.sources.webhooks.deliveries import record_delivery
from fmn.sources.webhooks.models import Hook
from fmn.sources.webhooks.outcomes import Outcome
from tests.factories.messages import NOON

pytestmark = pytest.mark.dialects


class Terminal:
    """An administrator's terminal."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._config = folder / "fmn.ini"
        self._config.write_text(
            f"[app:main]\nfmn.database.url = {database.url}\nfmn.web.secret = only-for-these-tests-0815\n"
            "fmn.web.base_url = https://fmn.example.org\n")

    def fmn(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(self._config), "hooks", *arguments])

    def secret(self, *arguments: str) -> str:
        found = re.search(r"^secret   (whsec_\S+)$", self.fmn(*arguments).output, re.MULTILINE)
        assert found
        return found[1]


@pytest.fixture
def terminal(database: Database, tmp_path: Path) -> Terminal:
    return Terminal(database, tmp_path)


def test_a_webhook_is_added_listed_rotated_and_removed(terminal: Terminal, database: Database) -> None:
    assert terminal.fmn("list").output == "No webhooks.\n"

    added = terminal.fmn("add", "moss", "github", "--topic-prefix", "org.example.prod", "--private-too")
    assert added.exit_code == 0
    assert "address  https://fmn.example.org/hooks/moss\n" in added.output
    assert terminal.fmn("list").output == "moss  github  org.example.prod  https://fmn.example.org/hooks/moss\n"

    rotated = terminal.fmn("rotate", "moss").output
    assert "secret   whsec_" in rotated
    assert "valid for 24 hours." in rotated
    assert added.output.split()[-1] not in rotated
    assert terminal.fmn("remove", "moss").output == "Removed moss.\n"
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [each.action for each in entries] == ["added webhook", "rotated webhook secret", "removed webhook"]
    assert all(each.actor.endswith("(fmn hooks)") for each in entries)
    assert "whsec_" not in str([each.details for each in entries])


def test_deliveries_are_listed_with_their_outcome(terminal: Terminal, database: Database) -> None:
    terminal.fmn("add", "moss", "gitlab")
    assert terminal.fmn("deliveries", "moss").output == "No deliveries.\n"
    with database.transaction() as session:
        hook_id = session.scalars(select(Hook.id)).one()
        record_delivery(session, hook_id, Outcome.ACCEPTED, 812, NOON, event="push", delivery_id="d-1")
        record_delivery(session, hook_id, Outcome.NOT_FOUND, 13, NOON)

    newest, oldest = terminal.fmn("deliveries", "moss").output.splitlines()
    assert newest.split()[2:] == ["not-found", "-", "13", "bytes"]
    assert oldest.split()[2:] == ["accepted", "push", "812", "bytes", "d-1"]
    assert len(terminal.fmn("deliveries", "moss", "--most", "1").output.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("rotate", "fern"), ("remove", "fern"), ("deliveries", "fern")])
def test_an_unknown_webhook_is_said_in_a_sentence(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    result = terminal.fmn(*arguments)

    assert (result.exit_code, result.output.splitlines()[-1]) == (
        1, "Error: There is no webhook “fern”: fmn hooks list shows those that there are.")


def test_a_name_is_one_webhook_s(terminal: Terminal) -> None:
    first = terminal.secret("add", "moss", "forgejo")
    again = terminal.fmn("add", "moss", "github")

    assert again.exit_code == 1
    assert "There is a webhook “moss” already" in again.output
    terminal.fmn("remove", "moss")
    assert terminal.secret("add", "moss", "forgejo") != first


def test_there_is_a_most(terminal: Terminal, database: Database) -> None:
    with database.transaction() as session:
        session.add_all(
            Hook(name=f"hook-{number}", forge="github", topic_prefix="org.example.prod", created_by="root",
                 created_at=utc_now()) for number in range(MOST_HOOKS))

    assert "which is the most" in terminal.fmn("add", "moss", "github").output


def test_no_secret_is_made_of_one_that_anybody_knows(terminal: Terminal, tmp_path: Path) -> None:
    config = tmp_path / "fmn.ini"
    config.write_text(config.read_text().replace("only-for-these-tests-0815", "CHANGE-ME"))

    result = terminal.fmn("add", "moss", "github")

    assert result.exit_code == 1
    assert "fmn.web.secret" in result.output
