"""``fmn index``, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from fmn.administration.models import AuditEntry
from fmn.cli import main
from fmn.filters.expressions import Rule, expression_digest
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.matching.index.loading import load_index, refresh_index
from fmn.people.change_announcements import pending_announcements
from fmn.people.change_log import current_revision
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects


def run(database: Database, folder: Path, command: str) -> Result:
    config = folder / "fmn.ini"
    config.write_text(f"[app:main]\nfmn.database.url = {database.url}\n")
    return CliRunner().invoke(main, ["--config", str(config), "index", command])


def test_says_which_filters_can_not_be_asked(database: Database, tmp_path: Path) -> None:
    alice = make_person(database, packages=("kernel", "moss"))
    assert run(database, tmp_path, "check").stdout.startswith("1 user with filters, loaded in ")
    with database.transaction() as session:
        session.execute(
            update(StoredExpression).where(StoredExpression.id == alice.expression_ids[1])
            .values(body={"rule": "rule_of_old"}, digest=expression_digest(Rule("rule_of_old"))))
    result = run(database, tmp_path, "check")
    assert result.exit_code == 1
    said = "alice, email: filter “moss” can't be used: RuleError: unknown rule 'rule_of_old'"
    assert said in result.stdout
    assert result.stderr == "Error: 1 filter can't be used\n"


def test_workers_load_anew_what_was_changed_behind_their_backs(database: Database, tmp_path: Path) -> None:
    # Given a worker's index, and somebody who deletes filters in the database by hand
    make_person(database, packages=("kernel",))
    with database.reading() as session:
        index = load_index(session, rule_types())
    with database.transaction() as session:
        for each in session.scalars(select(Filter)):
            session.delete(each)
    with database.reading() as session:
        assert len(refresh_index(session, index, rule_types())) == 1
        before = current_revision(session)
    # When the index is to be rebuilt
    assert run(database, tmp_path, "rebuild").exit_code == 0
    # Then the worker knows, once; nobody is told that they changed something
    with database.reading() as session:
        anew = refresh_index(session, index, rule_types())
        assert len(anew) == 0
        assert refresh_index(session, anew, rule_types()) is anew
        assert pending_announcements(session, before, current_revision(session)) == []
        assert session.scalars(select(AuditEntry.action)).all() == ["had the index rebuilt"]
