"""A replica that lagged takes over: the rows that it lacks had numbers, which are given to no others."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from fmn.administration.restored_database import unsettled_since
from fmn.cli import main
from fmn.delivery.signed_links import Links
from fmn.infra import migrations
from fmn.infra.clock import utc_now
from fmn.infra.database_identity import SKIPPED_IDS
from fmn.infra.db import Database
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.models import Confirmation, DetailValue, User
from fmn.settings import ConfirmationSettings
from tests.factories.people import Person, make_person
from tests.servers.postgresql import PostgreSQL
from tests.servers.replica import Replica, ask
from tests.servers.waiting import wait_until

SOON = 30.0
LINKS = Links("https://fmn.example.org", "of the tests")


def asked(database: Database, person: Person) -> Confirmation:
    """Ask somebody whether their address is theirs."""
    with database.transaction() as session:
        address = session.get_one(DetailValue, person.address_ids[0])
        return start_confirmation(session, address, utc_now(), ConfirmationSettings())


def is_there(database: Database) -> bool:
    try:
        with database.transaction() as session:
            return session.scalar(select(func.count()).select_from(User)) == 1
    except DBAPIError:
        return False


def command(folder: Path, url: str, *arguments: str) -> str:
    config = folder / "fmn.ini"
    config.write_text(f"[app:main]\nfmn.database.url = {url}\nfmn.web.secret = of the tests\n")
    done = CliRunner().invoke(main, ["--config", str(config), *arguments])
    return done.output


def test_no_number_of_a_lost_row_is_given_again_and_somebody_is_asked(
    server_directory: Path, tmp_path: Path,
) -> None:
    with PostgreSQL(server_directory / "lagging-primary") as primary:
        name = primary.create_database().rpartition("/")[2]
        replica = Replica(server_directory / "lagging-replica", primary, also_on=None)
        hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in (primary, replica))
        url = f"postgresql+psycopg2://postgres@/{name}?{hosts}&target_session_attrs=read-write"
        database = Database(url)
        migrations.upgrade(database)
        make_person(database, "alice", addresses=(), unconfirmed=["alice@example.org"])
        replica.start()
        try:
            # Given a replica that has what was committed until now, and gets nothing more
            written = ask(primary, "SELECT pg_current_wal_lsn()")
            wait_until(
                lambda: ask(replica, f"SELECT pg_last_wal_replay_lsn() >= '{written}'"), SOON, "no replica")
            ask(replica, "ALTER SYSTEM SET primary_conninfo = ''")
            ask(replica, "SELECT pg_reload_conf()")
            wait_until(
                lambda: ask(primary, "SELECT count(*) FROM pg_stat_replication") == 0, SOON, "it follows on")
            # And somebody who comes then, and is asked whether an address is theirs
            lost = make_person(database, "lost", addresses=(), unconfirmed=["lost@example.org"])
            link = LINKS.confirm(asked(database, lost).public_id)
            # When the primary dies, and the replica takes over
            primary.kill()
            replica.promote()
            # Then the first connection of a process that ran before lets all numbers jump
            wait_until(lambda: is_there(database), SOON, "nobody to write to")
            other = make_person(database, "newcomer", addresses=())
            assert other.user_id > lost.user_id + SKIPPED_IDS / 2
            # And the link that was sent leads nowhere
            with database.reading() as session:
                meant = LINKS.read_confirm(link.rpartition("/")[2])
                assert session.scalars(select(Confirmation).where(Confirmation.id == meant.id)).all() == []
            # And somebody is asked for what a machine can't decide, until they have said it
            assert "fmn db restored" in command(tmp_path, url, "status")
            assert "another one than before" in command(tmp_path, url, "config", "check")
            assert "have to sign in again" in command(tmp_path, url, "db", "restored")
            assert "another one than before" not in command(tmp_path, url, "status")
            with database.reading() as session:
                assert unsettled_since(session) is None
        finally:
            replica.stop()
            database.close()

