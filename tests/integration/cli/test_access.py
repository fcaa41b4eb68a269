"""``fmn access``: whoever lost a token, or all of them, gets in no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from fmn.administration.models import AuditEntry
from fmn.cli import main
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.people.api_tokens import create_token, find_token
from fmn.people.models import User
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects


class Installation:
    """Alice and Bob, with a token each."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self._config = folder / "fmn.ini"
        self._config.write_text(f"[app:main]\nfmn.database.url = {database.url}\n")
        self._tokens: dict[str, str] = {}
        for nick in ("alice", "bob"):
            person = make_person(database, nick)
            with database.transaction() as session:
                _, self._tokens[nick] = create_token(session, person.user_id, "laptop", ["read"], None)

    def fmn(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(self._config), "access", *arguments])

    def with_tokens(self) -> set[str]:
        """Whose tokens are good."""
        with self.database.reading() as session:
            return {nick for nick, token in self._tokens.items() if find_token(session, token, utc_now())}

    def versions(self) -> dict[str, int]:
        with self.database.reading() as session:
            return {user.nick: user.session_version for user in session.scalars(select(User))}

    def entry(self) -> tuple[str, str, object]:
        with self.database.reading() as session:
            (entry,) = session.scalars(select(AuditEntry))
        assert entry.actor.endswith("(fmn access)")
        return entry.action, entry.subject, entry.details["count"]


@pytest.fixture
def installation(database: Database, tmp_path: Path) -> Installation:
    return Installation(database, tmp_path)


def test_one_persons_tokens_are_revoked(installation: Installation) -> None:
    assert installation.fmn("revoke-tokens", "alice").output == "1 token revoked.\n"
    assert installation.with_tokens() == {"bob"}
    assert installation.entry() == ("revoked API tokens", "alice", 1)


def test_everybodys_tokens_are_revoked(installation: Installation) -> None:
    assert installation.fmn("revoke-tokens", "--everybody").output == "2 tokens revoked.\n"
    assert installation.with_tokens() == set()
    assert installation.entry() == ("revoked API tokens", "", 2)


def test_one_person_is_signed_out(installation: Installation) -> None:
    assert installation.fmn("sign-out", "alice").output == "1 user signed out.\n"
    assert installation.versions() == {"alice": 1, "bob": 0}
    assert installation.with_tokens() == {"alice", "bob"}
    assert installation.entry() == ("ended sessions", "alice", 1)


def test_everybody_is_signed_out(installation: Installation) -> None:
    assert installation.fmn("sign-out", "--everybody").output == "2 users signed out.\n"
    assert installation.versions() == {"alice": 1, "bob": 1}


def test_accounts_are_moved_unbound_and_trusted(installation: Installation) -> None:
    # Given Alice, who was given a nick that was somebody else's
    with installation.database.transaction() as session:
        session.execute(
            update(User).values(issuer="https://id.example.org", subject=User.nick, succeeds=True))
    assert installation.fmn("rename", "bob", "bob.old").output == "Renamed bob to bob.old.\n"
    assert installation.fmn("trust", "alice").exit_code == 0
    assert installation.fmn("unbind", "alice").output == "1 account unbound.\n"
    with installation.database.reading() as session:
        found = {each.nick: (each.subject, each.succeeds) for each in session.scalars(select(User))}
    assert found == {"alice": (None, False), "bob.old": ("bob", True)}
    assert installation.fmn("unbind", "--everybody").output == "1 account unbound.\n"
    # And what can't be is told in a sentence
    assert installation.fmn("rename", "carol", "new").output.endswith("there is no user carol\n")
    taken = installation.fmn("rename", "alice", "bob.old").output
    assert taken.endswith("somebody is called bob.old already\n")


@pytest.mark.parametrize("command", ["revoke-tokens", "sign-out", "unbind"])
def test_it_has_to_be_said_whose(installation: Installation, command: str) -> None:
    assert "Error: there is no user carol" in installation.fmn(command, "carol").output
    for arguments in ([], ["alice", "--everybody"]):
        result = installation.fmn(command, *arguments)
        assert (result.exit_code, "name a USER or use --everybody" in result.output) == (2, True)
    assert installation.with_tokens() == {"alice", "bob"}
