"""A backup restored into a new installation, which goes on where that was: on PostgreSQL, and on SQLite."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from fmn.catalog import catalog
from fmn.cli import main
from fmn.delivery.backend import Backend
from fmn.delivery.retry import RetryPolicy
from fmn.digests.closing import close_due_digests
from fmn.infra import migrations
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.deliveries import enqueue_due
from fmn.ledger.messages import enqueue_unmatched
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import Reason
from fmn.people.models import User
from fmn.sources.backfill.gaps import received_until, set_received_until
from tests.factories.fake_channels import RecordingChannel
from tests.factories.messages import NO_THROTTLING, recorded, stored
from tests.factories.people import Person, make_person
from tests.servers.postgresql import PostgreSQL, programs

GRACE = timedelta(seconds=30)
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Site:
    """An installation: its database, and a channel that remembers what went out."""

    database: Database
    channel: RecordingChannel

    def run(self, *people: Person) -> None:
        """Do what its processes do: match, close digests, send what is due. Twice, as the clock has it."""
        backend = Backend(
            self.database, {"email": self.channel}, catalog().describe, retry=RetryPolicy(),
            claim_for=timedelta(minutes=3))
        for minutes in (0, 10):
            now = utc_now() + minutes * A_MINUTE
            with self.database.transaction() as session:
                unmatched = enqueue_unmatched(session, now, GRACE, 100)
            recorded(self.database, unmatched, *(each.recipient for each in people))
            close_due_digests(self.database, now, 100, NO_THROTTLING)
            with self.database.transaction() as session:
                due = enqueue_due(session, "email", now, GRACE, 100)
            backend.deliver("email", due)

    @property
    def sent(self) -> list[str]:
        """The keys of what went out, in any order."""
        return sorted(each.key for each in self.channel.delivered)

    def command(self, folder: Path, *arguments: str) -> Result:
        config = folder / "fmn.ini"
        config.write_text(f"[app:main]\nfmn.database.url = {self.database.url}\n")
        return CliRunner().invoke(main, ["--config", str(config), *arguments])


def site(url: str) -> Site:
    return Site(Database(url), RecordingChannel())


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def urls(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Where the first installation has its database, and where the second one will have its own."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/one.sqlite", f"sqlite:///{tmp_path}/two.sqlite"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    one, two = server.create_database(), server.create_database()
    yield one, two
    server.drop_database(one)
    server.drop_database(two)


def dump(database: Database, folder: Path) -> Callable[[str], object]:
    """Make a backup, as docs/how-to/maintenance says; returns what restores it into another database."""
    file = folder / "fmn.dump"
    if database.embedded:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.connection.driver_connection.execute(f"VACUUM INTO '{file}'")  # type: ignore[union-attr]
        return lambda url: shutil.copy(file, str(make_url(url).database))
    at = make_url(database.url)

    def tool(name: str, *arguments: str) -> None:
        where = ["--host", str(at.host), "--port", str(at.port), "--username", str(at.username)]
        subprocess.run([programs() / name, *where, *arguments], check=True)

    tool("pg_dump", "--format=custom", f"--file={file}", str(at.database))
    return lambda url: tool(
        "pg_restore", "--dbname", str(make_url(url).database), "--exit-on-error", str(file))


@dataclass(frozen=True)
class History:
    """A first installation that was backed up, and what happened to it before it was lost."""

    restore: Callable[[str], object]
    sent_before: list[str]
    sent_after: list[str]
    alice: Person
    tom: Person
    last_delivery: int


@pytest.fixture
def history(urls: tuple[str, str], tmp_path: Path) -> Iterator[History]:
    now = utc_now()
    one = site(urls[0])
    migrations.upgrade(one.database)
    # Given Alice, who was sent two mails
    alice = make_person(one.database)
    recorded(one.database, stored(one.database, 1, 2, now=now), alice.recipient, now=now - A_MINUTE)
    one.run(alice)
    before = one.sent
    # When a backup is made while one mail waits for her, a message to be matched, and a digest for Tom
    recorded(one.database, stored(one.database, 3, now=now), alice.recipient, now=now - A_MINUTE)
    stored(one.database, 4, now=now - A_MINUTE)
    tom = make_person(one.database, "tom", digest_seconds=60)
    recorded(one.database, stored(one.database, 5, now=now), tom.recipient, now=now - A_MINUTE)
    with one.database.transaction() as session:
        set_received_until(session, now)
    restore = dump(one.database, tmp_path)
    # and the first installation goes on until it's lost
    one.run(alice)
    recorded(one.database, stored(one.database, 6, now=now), alice.recipient, now=now)
    one.run(alice)
    with one.database.reading() as session:
        last = session.scalar(select(func.max(Delivery.id))) or 0
    yield History(restore, before, [key for key in one.sent if key not in before], alice, tom, last)
    one.database.close()


@pytest.fixture
def two(urls: tuple[str, str], history: History) -> Iterator[Site]:
    """A second installation, into which the backup was restored."""
    history.restore(urls[1])
    restored = site(urls[1])
    yield restored
    restored.database.close()


def test_goes_on_where_the_backup_was_and_sends_what_waited_once(
    two: Site, history: History, tmp_path: Path,
) -> None:
    # Given a restored database, whose tables are those of this version
    assert two.command(tmp_path, "db", "upgrade").exit_code == 0
    done = two.command(tmp_path, "db", "restored")
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("tables number new rows after a gap; 2 users have to sign in again.\n")

    # When it goes on
    two.run(history.alice)

    # Then all that waited is sent, once, and nothing that was sent before the backup
    assert len(history.sent_before) == 2
    assert len(two.sent) == len(set(two.sent)) == 3
    assert not set(two.sent) & set(history.sent_before)
    # under the names that it had when it was sent since, so that it can be known by them
    assert set(two.sent) <= set(history.sent_after)
    assert [each for each in history.sent_after if each not in two.sent] == [
        f"single:2026-00000006:{history.alice.preference_id}:{history.alice.address_ids[0]}"]


def test_what_was_sent_since_is_not_sent_again_if_one_says_so(
    two: Site, history: History, tmp_path: Path,
) -> None:
    # Given somebody who knows when sending ended
    until = f"{utc_now():%Y-%m-%dT%H:%M}"
    done = two.command(tmp_path, "db", "restored", "--sent-until", until)
    assert done.stdout.splitlines()[1].startswith("1 delivery in doubt"), done.output
    # Then what was due before is for them to decide, and messages from before aren't asked for
    with two.database.reading() as session:
        aside = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.FAILED)).one()
        heard = received_until(session)
    assert aside.reason == Reason.IN_DOUBT.sentence
    assert heard is not None
    assert f"{heard:%Y-%m-%dT%H:%M}" > until
    two.run(history.alice)
    assert aside.key not in two.sent
    assert two.command(tmp_path, "deliveries", "requeue", "--reason", Reason.IN_DOUBT.sentence).exit_code == 0
    two.run(history.alice)
    assert two.sent.count(aside.key) == 1


def test_numbers_that_were_given_since_are_not_given_again(
    two: Site, history: History, tmp_path: Path,
) -> None:
    two.command(tmp_path, "db", "restored")
    bob = make_person(two.database, "bob")
    recorded(two.database, stored(two.database, 7), bob.recipient)
    with two.database.reading() as session:
        assert (session.scalar(select(func.max(Delivery.id))) or 0) > history.last_delivery + 1_000_000
        assert bob.user_id > 1_000_000
        # and nobody goes on with a session that they ended since
        assert session.scalars(select(User.session_version).where(User.nick == "alice")).one() >= 10_000


@pytest.mark.parametrize(("arguments", "sentence"), [
    (("--sent-until", "2999-01-01"), "Error: --sent-until must not be in the future"),
    ((), "Error: the database's tables aren't those of this version: run fmn db upgrade\n"),
])
def test_a_mistake_gets_one_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    empty = site(f"sqlite:///{tmp_path}/empty.sqlite")
    result = empty.command(tmp_path, "db", "restored", *arguments)
    assert result.exit_code != 0
    assert result.stderr.endswith(sentence) or sentence in result.stderr
    with empty.database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sqlite_master")) == 0
    empty.database.close()
