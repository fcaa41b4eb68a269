"""``fmn status`` on the servers that it looks at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fmn.administration.budget_enforcement import disable_filters
from fmn.cli import main
from fmn.filters.rule_types import follow_event_types
from fmn.infra import migrations
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.leadership import Leadership
from fmn.infra.slots import claim_slot
from tests.factories.databases import current_revision
from tests.factories.messages import recorded, stored
from tests.factories.people import make_person
from tests.servers.ports import free_port


def status(config: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "status", *options])


def configured(folder: Path, url: str, **settings: str) -> Path:
    path = folder / "fmn.ini"
    lines = [f"fmn.{name.replace('_', '.', 1)} = {value}" for name, value in settings.items()]
    path.write_text("\n".join(["[app:main]", f"fmn.database.url = {url}", *lines]), encoding="utf-8")
    return path


@pytest.fixture
def database(database: Database) -> Iterator[Database]:
    with current_revision(database):
        yield database


def test_says_how_all_of_it_stands(tmp_path: Path, database: Database) -> None:
    # Given a message that was matched, a delivery that is due, and a scheduler that leads
    now = utc_now()
    alice = make_person(database)
    recorded(database, stored(database, 1, now=now), alice.recipient, now=now)
    stored(database, 2, now=now)
    leadership = Leadership(database)
    assert leadership.is_leader()
    claim_slot(database, "sweep", 1, now)
    config = configured(tmp_path, database.url)
    try:
        # When somebody looks
        shown, found = status(config), status(config, "--json")
    finally:
        leadership.resign()
    # Then all of that is there, for people and for programs
    for line in (
        r"unmatched +1 message \(oldest: \d+ s\)",
        r"email +1 pending \(oldest: \d+ s\): 1 due \(oldest: \d+ s\), 0 retrying, 0 delayed; 0 failed",
        "leader +scheduler on .*, pid [0-9]+",
    ):
        assert re.search(f"^{line}$", shown.output, re.MULTILINE)
    state = json.loads(found.output)
    assert state["ledger"]["standing"]["backlogs"][0]["due"] == 1
    # And what was sent months ago came late, which somebody has to look into
    assert (shown.exit_code, found.exit_code) == (1, 1)
    assert shown.output.endswith("- Messages arrive late; see in the consumer's log whether it keeps up or "
                                 "backfills, and check the hosts' clocks.\n")
    assert "1 problem:" in shown.output
    assert len(state["troubles"]) == 1


def test_says_whose_filters_were_switched_off_for_what_they_cost(tmp_path: Path, database: Database) -> None:
    mallory = make_person(database, "mallory")
    with database.transaction() as session:
        disable_filters(session, mallory.user_id, mallory.expression_ids, "Too slow.", utc_now())
    config = configured(tmp_path, database.url)

    shown = status(config)

    assert re.search(
        "^disabled +filters of mallory, over their budgets: see the audit log$", shown.output,
        re.MULTILINE)
    # It needs nobody: it's done
    assert "mallory" not in shown.output.partition("problem")[2]


def test_all_is_well_where_all_is_well(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    with closing(database):
        migrations.upgrade(database)
        claim_slot(database, "sweep", 1, utc_now())
    shown = status(configured(tmp_path, database.url))
    assert shown.output.endswith("\nNo problems.\n")
    assert shown.exit_code == 0


def test_says_what_is_away(tmp_path: Path) -> None:
    gone = f"127.0.0.1:{free_port()}"
    shown = status(configured(
        tmp_path, f"postgresql://nobody@{gone}/nothing", broker_url=f"amqp://{gone}", cache_url=f"redis://{gone}"))
    assert shown.exit_code == 1
    assert "3 problems:" in shown.output
    for server in ("The database", "RabbitMQ", "Redis"):
        assert f"- {server} doesn't answer" in shown.output
    assert "Traceback" not in shown.output


def test_says_that_tables_are_missing(tmp_path: Path) -> None:
    shown = status(configured(tmp_path, f"sqlite:///{tmp_path}/fmn.sqlite"))
    assert "run fmn db upgrade" in shown.output


@pytest.mark.usefixtures("database")
def test_a_broken_file_of_event_types_is_a_problem(tmp_path: Path, postgresql_url: str) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[application")
    result = status(configured(tmp_path, postgresql_url, catalog_directory=str(tmp_path)))
    follow_event_types(None)
    assert result.exit_code == 1
    assert f"- {broken}:1: this isn't TOML" in result.output
