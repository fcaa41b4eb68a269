"""The actors in a process of their own, as ``dramatiq fmn.actors`` has them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from fmn.filters.models import Filter, Mute, MuteKind, Undo
from fmn.infra.backend_queues import by_partition
from fmn.infra.clock import utc_now
from fmn.infra.db import Base, Database
from fmn.ledger.event_streams import append
from fmn.ledger.figures.models import Figure
from fmn.ledger.models import Delivery, DeliveryKind, InboxUndo, StoredMessage, StreamEvent
from fmn.people.accounts import get_or_create_account
from fmn.people.models import Confirmation, DetailValue, Preference
from fmn.settings import CONFIG_VARIABLE
from tests.factories.databases import tables_in
from tests.factories.messages import stored
from tests.factories.people import make_person

A_DAY = timedelta(days=1)


def run(folder: Path, database: Database, actor: str) -> None:
    """Do the task of an actor."""
    config = folder / "fmn.ini"
    config.write_text(f"[app:main]\nfmn.database.url = {database.url}\n", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-c", f"from fmn.actors import {actor}; {actor}.fn()"],
        env={**os.environ, CONFIG_VARIABLE: str(config)}, check=True)


def test_who_was_here_before_a_channel_can_choose_it(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        # Given somebody who signed in when there was another channel alone
        with database.transaction() as session:
            get_or_create_account(session, "alice", ["irc"])
        # When that task has been done, and is done again
        for _ in range(2):
            run(tmp_path, database, "offer_channels")
        # Then they have it as well, switched off
        with database.transaction() as session:
            found = session.scalars(select(Preference).order_by(Preference.id)).all()
            assert [(each.context, each.enabled) for each in found] == [("irc", False), ("email", False)]


def counted(database: Database, table: type[Base]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_pruning_forgets_what_is_over_and_keeps_the_rest(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        # Given an undo, a mute, a confirmation and an event that are over, and one of each that isn't
        alice, now = make_person(database), utc_now()
        with database.transaction() as session:
            address = session.get_one(DetailValue, alice.address_ids[0])
            for name, days in (("over", 31), ("fresh", 0)):
                then = now - days * A_DAY
                session.add_all([
                    Undo(preference_id=alice.preference_id, filters=None, created_at=then),
                    InboxUndo(user_id=alice.user_id, change=None, created_at=then),
                    Mute(user_id=alice.user_id, kind=MuteKind.PACKAGE, value=name, until=then + A_DAY),
                    Confirmation(user_id=alice.user_id, detail_value_id=address.id, context="email",
                                 value=name, created_at=then, expires_at=then + A_DAY / 2),
                ])
                append(session, alice.preference_id, name, {name: "{}"}, then)
        # When that is pruned
        run(tmp_path, database, "prune_history")
        # Then what isn't over is left
        assert [counted(database, table) for table in (
            Undo, InboxUndo, Mute, Confirmation, StreamEvent)] == [1] * 5
        with database.transaction() as session:
            assert session.scalars(select(StreamEvent.event_id)).all() == ["fresh"]
            assert session.scalars(select(Mute.value)).all() == ["fresh"]
            assert session.scalars(select(Confirmation.value)).all() == ["fresh"]


def test_filters_wake_when_they_have_slept_long_enough(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        alice, now = make_person(database, packages=["kernel", "php"]), utc_now()
        with database.transaction() as session:
            for filter_id, until in zip(alice.filter_ids, (now - A_DAY, now + A_DAY), strict=True):
                sleeping = session.get_one(Filter, filter_id)
                sleeping.enabled, sleeping.snoozed_until = False, until
        run(tmp_path, database, "wake_filters")
        with database.transaction() as session:
            rows = session.execute(select(Filter.enabled, Filter.snoozed_until).order_by(Filter.id))
            assert [tuple(row) for row in rows] == [(True, None), (False, now + A_DAY)]


def test_the_ledger_is_counted_with_what_waits(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        stored(database, 1, 2)
        for _ in range(2):  # the first run sees how far it goes
            run(tmp_path, database, "count_figures")
        with database.reading() as session:
            found = dict(session.execute(select(Figure.series, Figure.value)).all())
        assert found["received"] == 2
        assert found["due.email"] == 0


#: What ``fmn up`` does when it starts, until nothing is left in its memory. It dies of the second message.
STARTED = """
import os, dramatiq
from fmn import actors
from fmn.catalog import Catalog

facts = Catalog.facts
def deadly(self, message, *arguments):
    if message.body["cake"] == 2:
        os._exit(7)
    return facts(self, message, *arguments)
Catalog.facts = deadly

actors.requeue_unmatched()
worker = dramatiq.Worker(actors.broker, worker_threads=1)
worker.start()
actors.broker.join("match")
worker.stop()
"""


def test_a_process_that_died_of_a_message_begins_with_the_others(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        # Given messages, one of which ends the process
        ids = stored(database, 1, 2, 3, now=utc_now() - timedelta(minutes=1))
        config = tmp_path / "fmn.ini"
        config.write_text(f"[app:main]\nfmn.database.url = {database.url}\n", encoding="utf-8")
        # When it's started, and started again
        ends = [
            subprocess.run(
                [sys.executable, "-c", STARTED], env={**os.environ, CONFIG_VARIABLE: str(config)},
                check=False).returncode
            for _ in range(2)]
        # Then it dies once, and then goes on without that one, which the sweep will try alone
        assert ends == [7, 0]
        with database.transaction() as session:
            left = session.scalars(select(StoredMessage.id).where(StoredMessage.matched_at.is_(None))).all()
            assert left == [ids[1]]


#: Sends deliveries as a worker does, and says which queue and actor have them, and which jobs there are.
SENDS = """
import json, sys
from dramatiq import Message
from fmn import actors
actors.send_deliveries({"email": json.loads(sys.argv[1])})
for name, queue in actors.broker.queues.items():
    while not queue.empty():
        task = Message.decode(queue.get())
        print(name, task.actor_name, *task.args[0])
print(*sorted(name for name in actors.PERIODIC if name.startswith("presence_")))
"""


def test_each_partition_has_the_deliveries_to_its_destinations(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        # Given deliveries to addresses that are in different partitions
        alice = make_person(database)
        with database.transaction() as session:
            made = [
                Delivery(key=f"test:{number}", kind=DeliveryKind.TEST, context="email",
                         preference_id=alice.preference_id, destination=f"{name}@example.org")
                for number, name in enumerate(("alice", "bob", "alice", "carol", "bob"))]
            session.add_all(made)
            session.flush()
            ids = [each.id for each in made]
        config = tmp_path / "fmn.ini"
        config.write_text(
            f"[app:main]\nfmn.database.url = {database.url}\nfmn.delivery.channels = email irc\n"
            "fmn.delivery.partitions = 2 email=3\n", encoding="utf-8")
        # When they're sent
        said = subprocess.run(
            [sys.executable, "-c", SENDS, str(ids)], env={**os.environ, CONFIG_VARIABLE: str(config)},
            check=True, capture_output=True, text=True).stdout.splitlines()
        # Then each partition has a task with its own, in order
        expected = {}
        for partition, share in by_partition(
                {each.id: each.destination for each in made}, 3).items():
            suffix = f".{partition}" if partition else ""
            expected[f"backend.email{suffix} deliver_email{suffix}"] = share
        assert len(expected) > 1
        assert sorted(said[:-1]) == sorted(
            " ".join([names, *map(str, share)]) for names, share in expected.items())
        # and each is kept connected
        assert said[-1] == (
            "presence_email presence_email.1 presence_email.2 presence_irc presence_irc.1")
