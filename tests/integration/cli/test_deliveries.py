"""``fmn deliveries``, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from fmn.administration.models import AuditEntry
from fmn.cli import main
from fmn.infra.db import Database
from fmn.ledger.deliveries import claim
from fmn.ledger.models import Delivery, DeliveryState
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import make_person

FULL, DOWN = "452 mailbox 100% full", "connection refused"
A_DAY = timedelta(days=1)


class Run:
    """Runs ``fmn deliveries`` where things failed: two mails, one of them yesterday; and two wait."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self._config = folder / "fmn.ini"
        self._config.write_text(f"[app:main]\nfmn.database.url = {database.url}\n")
        alice = make_person(database)
        self.ids = recorded(database, stored(database, 1, 2, 3, 4), alice.recipient).deliveries["email"]
        with database.transaction() as session:
            for number, reason, when in ((0, FULL, NOON), (1, DOWN, NOON - A_DAY)):
                row = session.get_one(Delivery, self.ids[number])
                row.state, row.reason, row.finished_at, row.attempts = DeliveryState.FAILED, reason, when, 9

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(self._config), "deliveries", *arguments])

    @property
    def states(self) -> Sequence[str]:
        with self.database.reading() as session:
            return session.scalars(select(Delivery.state).order_by(Delivery.id)).all()

    @property
    def audit(self) -> Sequence[tuple[str, object]]:
        with self.database.reading() as session:
            return [(each.action, each.details) for each in session.scalars(select(AuditEntry))]


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    return Run(database, tmp_path)


@pytest.mark.dialects
def test_says_what_failed_and_why(run: Run) -> None:
    full = f"       1  email     2026-05-04 12:00  {FULL}\n"
    assert run("list").stdout == f"{full}       1  email     2026-05-03 12:00  {DOWN}\n"
    assert run("list", "--since", "2026-05-04").stdout == full
    assert run("list", "--reason", "100%").stdout == full
    assert run("list", "--reason", "1__%").stdout == "No matching failed deliveries.\n"
    assert run("list", "--channel", "irc").stdout == "No matching failed deliveries.\n"
    assert run("list", "--waiting").stdout == "       2  email     2026-05-04 12:00  (no reason yet)\n"


def test_what_is_requeued_waits_again_and_that_is_on_record(run: Run) -> None:
    # When that is tried, nothing happens; when it's done, the one that was meant waits again
    tried = run("requeue", "--reason", "FULL", "--dry-run")
    assert tried.stdout.endswith("Dry run, nothing changed. Without --dry-run: 1 delivery requeued.\n")
    assert (run.states[0], run.audit) == (DeliveryState.FAILED, [])
    assert run("requeue", "--reason", "FULL").stdout == "1 delivery requeued.\n"
    assert run.states == [
        DeliveryState.WAITING, DeliveryState.FAILED, DeliveryState.WAITING, DeliveryState.WAITING]
    assert run.audit == [("retried deliveries", {"containing": "FULL", "count": 1})]
    assert run("requeue", "--reason", "FULL").stdout == "0 deliveries requeued.\n"


@pytest.mark.dialects
def test_what_is_discarded_is_over_and_says_why(run: Run) -> None:
    assert run("discard", "--channel", "email").stdout == "2 deliveries discarded.\n"
    assert run.states == [
        DeliveryState.DROPPED, DeliveryState.DROPPED, DeliveryState.WAITING, DeliveryState.WAITING]
    with run.database.reading() as session:
        assert session.get_one(Delivery, run.ids[0]).reason == f"given up by an administrator: {FULL}"


@pytest.mark.dialects
def test_what_waits_can_be_discarded_but_for_what_a_backend_has_in_its_hands(run: Run) -> None:
    with run.database.transaction() as session:
        # Given a backend that has one of them, for longer than this test takes
        claim(session, [run.ids[2]], "backend", NOON, timedelta(days=50_000))
    assert run("discard", "--waiting", "--all").stdout == "1 delivery discarded.\n"
    assert run.states[2:] == [DeliveryState.WAITING, DeliveryState.DROPPED]


@pytest.mark.parametrize(("arguments", "sentence"), [
    (("discard",), "select deliveries with --channel, --reason or --since, or use --all"),
    (("list", "--channel", "pigeon"), "Invalid value for --channel: choose from email"),
    (("requeue", "--since", "yesterday"), "'yesterday' does not match the formats"),
])
def test_a_mistake_gets_one_sentence(run: Run, arguments: Sequence[str], sentence: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output
