"""Each kind of process does its work with the rights of its database role."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Final

from sqlalchemy import select, update

from fmn.administration.models import AuditEntry
from fmn.catalog import Message
from fmn.digests.closing import close_due_digests
from fmn.filters.models import Filter, Mute, MuteKind, Undo
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.leadership import Leadership
from fmn.infra.slots import claim_slot, release_slot
from fmn.ledger.deliveries import finish_sent
from fmn.ledger.event_streams import append
from fmn.ledger.messages import store
from fmn.ledger.models import InboxUndo, Notification, StoredMessage, StreamEvent, UnreadableRow
from fmn.ledger.unreadable import UnreadableMessage, keep_unreadable
from fmn.monitoring.installation_metrics import InstallationMetrics
from fmn.people.models import Confirmation, Preference, User
from fmn.scheduler.announcer import Announcer
from fmn.settings import (
    CONFIG_VARIABLE,
    BusSettings,
    CatchupSettings,
    DatabaseSettings,
    FloodSettings,
    PublishSettings,
    Settings,
)
from fmn.sources.backfill.gap_recorder import GapRecorder
from fmn.sources.backfill.models import Backfill, ReceivedUntil
from fmn.sources.consumer import Consumer
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.source import FedmsgSource
from fmn.wiring import Services
from tests.factories.database_roles import RoleDatabase, rows
from tests.factories.messages import make_message, recorded, stored
from tests.factories.people import Person, change_preference, make_person
from tests.integration.webapp.world import comment
from tests.servers.ports import free_port

A_DAY: Final = timedelta(days=1)
LONG: Final = 1000 * A_DAY
#: A form of an event of which another form may come.
NEW_VERSION: Final = Message(
    "2026-version", "org.release-monitoring.prod.anitya.project.version.update", utc_now(),
    {"project": {"id": 42, "version": "2.4"}})


def over(database: Database, person: Person) -> None:
    """One of each that is kept for a while, from long ago."""
    now = utc_now()
    then = now - LONG
    [message] = stored(database, 99, now=then)
    deliveries = recorded(database, [message], person.recipient, now=then).deliveries
    close_due_digests(database, then + A_DAY, 10, FloodSettings())
    with database.transaction() as session:
        finish_sent(session, deliveries.get("email", ()), then)
        session.add_all([
            Undo(preference_id=person.preference_id, filters=None, created_at=then),
            InboxUndo(user_id=person.user_id, change=None, created_at=then),
            Mute(user_id=person.user_id, kind=MuteKind.PACKAGE, value="moss", until=then),
            Confirmation(user_id=person.user_id, detail_value_id=person.address_ids[0], context="email",
                         value="one", created_at=then, expires_at=then),
            AuditEntry(actor="mary", action="looked", happened_at=then)])
        append(session, person.preference_id, "one", {"one": "{}"}, then)


def update_of(package: str) -> Message:
    """Somebody says something of an update of a package."""
    return Message(f"2026-update-{package}", "org.fedoraproject.prod.bodhi.update.comment", utc_now(),
                   comment("Works.", "tom", package))


class Silence:
    """A bus on which nothing is said, and that ends."""

    def batches(self, stop: Event, size: int = 0, wait_milliseconds: int = 0) -> Iterator[list[list[bytes]]]:
        yield from ()


def test_a_consumer_stores_and_notes_what_it_missed(roles: RoleDatabase, owned: Database) -> None:
    settings = Settings(
        bus=BusSettings(validate_signatures=False), catchup=CatchupSettings(url="https://archive.example.org/raw"))
    now = utc_now()
    with closing(roles.of("consumer")) as database:
        for _ in range(2):
            gap_recorder = GapRecorder.from_settings(settings.catchup, database)
            with database.transaction() as session:
                store(session, [make_message(1), make_message(2), NEW_VERSION], now)
            gap_recorder.received([make_message(1)])
            gap_recorder.record_gap_at(now - A_DAY, now)
            source = FedmsgSource(Silence(), MessageParser.from_settings(settings.bus), gap_recorder)
            with database.transaction() as session:
                keep_unreadable(session, [
                    UnreadableMessage.of("queue", now, "org.example.oven", "not-json", "", b"{")])
            Consumer.from_settings(settings, [source], database, lambda _ids: None).run(Event())
            gap_recorder.flush(last=True)

    assert [rows(owned, table) for table in (StoredMessage, ReceivedUntil, Backfill)] == [3, 1, 2]
    assert rows(owned, UnreadableRow) == 2
    assert roles.denied == []


def config(folder: Path, url: str, **settings: str) -> Path:
    """Settings for processes of their own."""
    path = folder / "fmn.ini"
    lines = [f"fmn.{name.replace('__', '.')} = {value}" for name, value in settings.items()]
    path.write_text("\n".join(["[app:main]", f"fmn.database.url = {url}", *lines, ""]), encoding="utf-8")
    return path


#: What a worker does: matches, and all that the clock tells it.
WORK: Final = """
from fmn import actors
from fmn.wiring import services
ids = [int(each) for each in sys.argv[1:]]
actors.match.fn(ids)
actors.match_one_by_one.fn(ids)
actors.catch_up()
for name, actor in actors.PERIODIC.items():
    if "present" not in name:
        actor.fn()
"""


def test_a_worker_matches_and_does_what_the_clock_says(
    roles: RoleDatabase, owned: Database, tmp_path: Path,
) -> None:
    # Given an archive that's away, a new packager, a digest, filters that serve once, hold and sleep,
    # and what was over long ago
    now, nobody = utc_now(), f"http://127.0.0.1:{free_port()}/raw"
    sponsored = Message("2026-sponsored", "org.fedoraproject.prod.fas.group.member.sponsor", now, {
        "agent": "mary", "user": "sam", "group": "packager"})
    people = [make_person(owned, "alice", digest_seconds=1), make_person(owned, "bob", oneshot=True),
              make_person(owned, "carol", hold_minutes=1), make_person(owned, "dave")]
    over(owned, people[3])
    with owned.transaction() as session:
        ids = store(session, [sponsored, update_of("kernel")], now)
        session.execute(update(Filter).where(Filter.id == people[3].filter_ids[0]).values(
            enabled=False, snoozed_until=now - A_DAY))
        session.add(Backfill(source=nobody, slot=0, reached=now - A_DAY, until=now, not_before=now - A_DAY))
    path = config(tmp_path, roles.url_of("fmn_worker"), autocreate__events="fas_group_member_sponsor",
                  bus__validate_signatures="false", catchup__url=nobody)

    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{WORK}", *map(str, ids)],
        env={**os.environ, CONFIG_VARIABLE: str(path)}, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "permission denied" not in done.stdout + done.stderr
    with owned.reading() as session:
        assert {"alice", "bob", "carol", "sam"} <= set(session.scalars(
            select(User.nick).join(Preference).join(Notification)))
    assert [rows(owned, table) for table in (
        Undo, InboxUndo, Mute, Confirmation, StreamEvent, AuditEntry)] == [0] * 6


def test_a_scheduler_leads_announces_and_watches(roles: RoleDatabase, owned: Database) -> None:
    alice = make_person(owned)
    with closing(roles.of("scheduler")) as database:
        leadership = Leadership(database)
        assert leadership.is_leader()
        assert claim_slot(database, "sweep", 5, utc_now())
        release_slot(database, "sweep", 5, utc_now())
        announcer = Announcer(database, PublishSettings(
            endpoint=f"tcp://127.0.0.1:{free_port()}", settle_seconds=0.01, announce=True), "https://fmn.example.org")
        announcer.run()
        change_preference(owned, alice, enabled=False)
        announcer.run()
        announcer.close()
        services = Services(Settings(database=DatabaseSettings(url=database.url)))
        InstallationMetrics(services).update_ledger()
        services.database.close()
        leadership.resign()

    assert roles.denied == []
