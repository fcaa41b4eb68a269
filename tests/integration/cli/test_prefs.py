"""``fmn prefs``, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from fmn.administration.models import AuditEntry
from fmn.cli import main
from fmn.infra.db import Database
from fmn.people.change_log import lock_changes
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects


class Run:
    """Runs ``fmn prefs`` on a database in which there is Alice."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self._config = folder / "fmn.ini"
        self._config.write_text(f"[app:main]\nfmn.database.url = {database.url}\n")
        make_person(database, "alice", packages=("moss",))

    def __call__(self, *arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(main, ["--config", str(self._config), "prefs", *arguments], input=given)


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    return Run(database, tmp_path)


def test_what_is_exported_can_be_changed_and_imported(run: Run, tmp_path: Path) -> None:
    # Given a file with somebody's preferences
    exported = run("export", "alice")
    assert exported.exit_code == 0
    assert "package_filter(moss)" in exported.stdout
    file = tmp_path / "alice.toml"
    file.write_text(exported.stdout.replace("(moss)", "(moss) and not koji_tag"))

    # When it's tried, nothing happens; when it's imported, it does, once
    asked = "package_filter(moss)"
    line = f"~ email: Filter “moss” asks: {asked} and not koji_tag – it asked: {asked}\n"
    tried = run("import", "alice", str(file), "--dry-run")
    assert tried.stdout == f"{line}Dry run, nothing changed. Run again without --dry-run to import.\n"
    assert run("import", "alice", str(file)).stdout == line
    assert run("import", "alice", str(file)).stdout == "Nothing changes.\n"
    assert run("import", "alice", "-", given=run("export", "alice", "--format", "json").stdout).stdout == (
        "Nothing changes.\n")

    # and it's on record, once
    with run.database.reading() as session:
        (entry,) = session.scalars(select(AuditEntry))
    assert entry.actor.endswith("(fmn prefs)")
    assert (entry.action, entry.subject) == ("imported preferences", "alice")


def test_what_is_wrong_is_told_in_sentences(run: Run) -> None:
    for arguments, given, sentence in (
        (("export", "mallory"), "", "Error: there is no user 'mallory'\n"),
        (("import", "mallory", "-"), "version = 1", "Error: there is no user 'mallory'\n"),
        (("import", "alice", "-"), "version = 1\n[contexts.irc]",
         "Error: contexts.irc: Nothing can be sent that way here, only by email.\n"),
        (("import", "alice", "-"), "what", "Error: The file isn’t TOML: "),
    ):
        result = run(*arguments, given=given)
        assert result.exit_code == 1
        assert result.stderr.startswith(sentence)
        assert "Traceback" not in result.output


def test_looking_at_a_file_waits_for_nobody(run: Run) -> None:
    # Given somebody who changes preferences just now
    with run.database.transaction() as session:
        lock_changes(session)
        # When a file is only looked at, then nothing has to wait until they're done
        file = "version = 1\n[contexts.email]\nenabled = false"
        tried = run("import", "alice", "-", "--dry-run", given=file)
        assert tried.stdout.startswith("~ email: The channel is switched off.\n"), tried.output
