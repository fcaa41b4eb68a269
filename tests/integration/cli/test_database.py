from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fmn.cli import main
from fmn.infra import migrations
from fmn.infra.db import Database
from fmn.ledger.models import Stream
from tests.factories.database_roles import OWNER, RoleDatabase, rows


def fmn_db(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "db", *arguments])


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Path:
    """The settings of an installation whose database is empty."""
    path = tmp_path / "fmn.ini"
    path.write_text(f"[app:main]\nfmn.database.url = {database_url}\n", encoding="utf-8")
    return path


def test_an_upgrade_makes_the_tables_of_this_version(config: Path) -> None:
    before = fmn_db(config, "check")
    assert (before.exit_code, before.output) == (
        1, "Error: the database's tables aren't those of this version\n")

    assert fmn_db(config, "upgrade").exit_code == 0

    after = fmn_db(config, "check")
    assert (after.exit_code, after.output) == (0, "The tables are up to date.\n")


@pytest.mark.dialects
def test_a_downgrade_brings_back_those_of_an_older_version(config: Path) -> None:
    # Given the tables of this version, and what an older one says that its own are
    fmn_db(config, "upgrade")
    older = "0004"

    # When they're brought back
    result = fmn_db(config, "downgrade", older)

    # Then this version misses something, until it has them again
    assert result.output == "The tables are at revision 0004.\n"
    assert fmn_db(config, "check").exit_code == 1
    fmn_db(config, "upgrade")
    assert fmn_db(config, "check").exit_code == 0


def test_a_downgrade_to_what_nobody_knows_changes_nothing(config: Path) -> None:
    fmn_db(config, "upgrade")

    result = fmn_db(config, "downgrade", "9999")

    assert (result.exit_code, result.output) == (1, "Error: Can't locate revision identified by '9999'\n")
    assert fmn_db(config, "check").exit_code == 0


def test_the_head_is_what_an_upgrade_leads_to(config: Path) -> None:
    assert fmn_db(config, "head").output == f"{migrations.head()}\n"


def test_a_database_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    config = tmp_path / "fmn.ini"
    config.write_text("[app:main]\nfmn.database.url = postgresql://fmn@127.0.0.1:1/fmn\n", encoding="utf-8")

    for arguments in (["upgrade"], ["check"], ["downgrade", "0004"]):
        result = fmn_db(config, *arguments)
        assert result.exit_code == 1
        assert result.output.startswith("Error: fmn.database.url: ")
        assert "Connection refused" in result.output


def test_roles_that_are_new_are_let_do_their_work(roles: RoleDatabase, tmp_path: Path) -> None:
    # Given a role of which PostgreSQL knows nothing but its name
    path = tmp_path / "fmn.ini"
    path.write_text(f"[app:main]\nfmn.database.url = {roles.url_of(OWNER)}\n", encoding="utf-8")
    with closing(Database(roles.url)) as administrator, administrator.transaction() as session:
        session.execute(text("DROP OWNED BY fmn_sse"))
    with closing(roles.of("sse")) as database, pytest.raises(DBAPIError, match="permission denied"):
        rows(database, Stream)

    result = fmn_db(path, "grant")

    assert result.output == (
        "Granted privileges to "
        "fmn_backend, fmn_bounce, fmn_consumer, fmn_scheduler, fmn_sse, fmn_web, fmn_worker.\n")
    with closing(roles.of("sse")) as database:
        assert rows(database, Stream) == 0


def test_without_roles_there_is_nothing_to_grant(config: Path) -> None:
    fmn_db(config, "upgrade")

    assert fmn_db(config, "grant").output == (
        "There are no roles for processes: all processes log in as the owner of the tables.\n")
