"""Closing gaps: what an archive has comes into the ledger once, whatever it does and whoever dies."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.settings import CatchupSettings
from fmn.sources.backfill.archive_parser import ArchiveParser
from fmn.sources.backfill.gaps import Gap, backfill_lag, claim, record_gap
from fmn.sources.backfill.ingesting import BackfillIngester, IngestCounts
from fmn.sources.backfill.models import Backfill
from fmn.sources.backfill.worker import BackfillWorker
from tests.servers.datagrepper import Datagrepper, is_busy, is_truncated
from tests.servers.ports import free_port
from tests.servers.receiver import Answer
from tests.system.bus import Bus

HISTORY = timedelta(days=14)
AGAIN = timedelta(minutes=15)


class Site:
    """A ledger, an archive, and who asks it."""

    def __init__(
        self, database: Database, archive: Datagrepper, bus: Bus, archive_parser: ArchiveParser,
    ) -> None:
        self.database, self.archive, self.bus = database, archive, bus
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.matched: list[int] = []
        self.settings = CatchupSettings(url=archive.address, timeout_seconds=5)
        self.worker = BackfillWorker(
            self.settings, database, BackfillIngester(archive_parser, database, self.matched.extend), HISTORY)

    def sent(self, ago: timedelta, topic: str = "org.example.prod.oven.done", **more: Any) -> str:
        """A message that was sent then, which the archive has and FMN hasn't; its id."""
        msg_id = f"2026-{uuid.uuid4()}"
        self.archive.archived(self.bus.signed({
            "topic": topic, "msg": {"cake": 1}, "msg_id": msg_id, "i": 1, "username": "apache",
            "timestamp": int((self.now - ago).timestamp()), **more}))
        return msg_id

    def missed(self, ago: timedelta, until: timedelta = timedelta()) -> None:
        """A gap is on record, to be asked about at once and again."""
        gap = Gap(self.now - ago, self.now - until)
        with self.database.transaction() as session:
            record_gap(session, self.settings.sources, gap, self.now, AGAIN)

    @property
    def known(self) -> list[str]:
        """The ids of what is in the ledger, in the order in which it came."""
        with self.database.reading() as session:
            return list(session.scalars(select(StoredMessage.msg_id).order_by(StoredMessage.id)))

    @property
    def gaps(self) -> Sequence[Backfill]:
        """What is still to be asked about, what is to be asked at once first."""
        with self.database.reading() as session:
            return session.scalars(select(Backfill).order_by(Backfill.slot)).all()


@pytest.fixture
def site(database: Database, archive: Datagrepper, bus: Bus, archive_parser: ArchiveParser) -> Site:
    return Site(database, archive, bus, archive_parser)


def outcome(counts: IngestCounts) -> tuple[int, int, dict[str, int]]:
    return counts.new, counts.known, dict(counts.refused)


def test_what_was_missed_comes_once_and_is_matched(site: Site) -> None:
    # Given messages of three hours, more than fit on a page, and one from before
    site.sent(timedelta(hours=5))
    sent = [site.sent(timedelta(seconds=60 * minute)) for minute in range(180, 0, -1)]
    site.missed(timedelta(hours=4))

    # When somebody looks; what was sent just when one piece of time ends and another begins comes with both
    new, known, refused = outcome(site.worker.run())
    assert (new, refused) == (180, {})
    assert known < 10

    # Then all of them are there, in their order, and handed on to be matched
    assert site.known == sent
    assert len(set(site.matched)) == 180
    # And there's nothing more to do before it's asked again about the end of it
    [later] = site.gaps
    assert later.not_before >= site.now + AGAIN
    assert site.worker.run().fetched == 0


def test_each_message_is_checked_like_a_live_one(site: Site) -> None:
    # Given an archive with a good message, and others
    good = site.sent(timedelta(minutes=5))
    tampered, unsigned, forged = (site.sent(timedelta(minutes=4)) for _ in range(3))
    for body in site.archive.bodies:
        if body["msg_id"] == tampered:
            body["msg"] = {"cake": 1000}
        if body["msg_id"] == unsigned:
            del body["signature"], body["certificate"], body["crypto"]
        if body["msg_id"] == forged:
            body["topic"] = "org.example.prod.oven.other"
    site.sent(timedelta(minutes=3), "org.example.prod.oven.junk")
    site.archive.bodies += [{"msg_id": "none", "timestamp": float(site.now.timestamp())}]
    site.missed(timedelta(hours=1))

    # When it's asked, then only the good one is taken, and the others are counted by reason
    assert outcome(site.worker.run()) == (1, 0, {
        "bad-signature": 2, "unsigned": 2, "junk": 1})
    assert site.known == [good]


def test_a_fraction_of_a_second_may_have_been_signed(site: Site) -> None:
    msg_id = f"2026-{uuid.uuid4()}"
    frames = site.bus.signed({
        "topic": "org.example.prod.oven.done", "msg": {}, "msg_id": msg_id,
        "timestamp": site.now.timestamp() - 59.5})
    site.archive.bodies.append({**json.loads(frames[1]), "source_name": "datanommer", "source_version": "1"})
    site.missed(timedelta(hours=1))
    site.worker.run()

    assert site.known == [msg_id]


def test_what_is_known_changes_nothing(site: Site) -> None:
    sent = [site.sent(timedelta(minutes=minute)) for minute in (30, 20, 10)]
    for _ in range(2):
        site.missed(timedelta(hours=1))
        site.worker.run()

    assert site.known == sent
    assert len(site.matched) == 3


def test_an_archive_that_tells_of_other_times_is_not_heard(site: Site) -> None:
    """It could bring back what was deleted long ago, to be sent to people once more."""
    site.sent(timedelta(days=300))
    old = dict(site.archive.bodies.pop())
    site.archive.planned.append(lambda _: Answer(body=json.dumps(
        {"raw_messages": [old], "total": 1, "pages": 1}).encode()))
    site.missed(timedelta(minutes=5))

    assert outcome(site.worker.run()) == (0, 0, {"not-asked-for": 1})
    assert site.known == []


def test_nothing_older_than_the_history_is_asked_for(site: Site) -> None:
    site.sent(timedelta(days=20))
    kept = site.sent(timedelta(days=13))
    site.missed(timedelta(days=400))
    site.worker.run()

    assert site.known == [kept]
    assert min(query["start"] for query in site.archive.queries) > (site.now - HISTORY).timestamp()


@pytest.mark.dialects
def test_trouble_is_on_record_and_what_came_before_it_stays(site: Site) -> None:
    # Given an archive that breaks down while it's read
    first, second = site.sent(timedelta(minutes=119)), site.sent(timedelta(minutes=1))
    site.missed(timedelta(hours=2))
    site.archive.planned += [lambda page: page, is_truncated, is_busy, is_busy]
    site.worker.run()

    # Then what it told is kept, and why it goes on later
    now, _ = site.gaps
    assert site.known == [first]
    assert now.reason.endswith("answered 500 Internal Server Error, 3 times in a row")
    assert now.failures == 1
    assert now.not_before > site.now
    assert now.claimed_by is None
    with site.database.reading() as session:
        assert backfill_lag(session, site.now) == site.now - now.reached < timedelta(hours=2)

    # When it's time to try again, then it goes on where it was
    asked = len(site.archive.queries)
    with site.database.transaction() as session:
        for row in session.scalars(select(Backfill).where(Backfill.slot == 0)):
            row.not_before = site.now
    site.worker.run()
    assert site.known == [first, second]
    assert site.archive.queries[asked]["start"] == now.reached.timestamp()


@pytest.mark.dialects
def test_a_slice_of_time_is_gone_on_with(site: Site) -> None:
    # Given tasks that have no time, so that each does one window
    sent = [site.sent(timedelta(minutes=minutes)) for minutes in (75, 45, 1)]
    site.missed(timedelta(minutes=80))
    rounds = 0
    while any(gap.slot == 0 for gap in site.gaps):
        site.worker.run(timedelta())
        rounds += 1

    # Then each goes on where the one before was: nothing is asked twice, and nothing is left out
    assert rounds > 2
    assert site.known == sent
    starts = [query["start"] for query in site.archive.queries]
    assert starts == sorted(set(starts))


@pytest.mark.dialects
def test_of_two_workers_one_asks(site: Site) -> None:
    site.sent(timedelta(minutes=1))
    site.missed(timedelta(hours=1))
    with site.database.transaction() as session:
        held = claim(session, site.settings.sources, "another", site.now, timedelta(minutes=5))
    assert held is not None

    assert site.worker.run().fetched == 0

    # When the other one has died, then its claim runs out
    with site.database.transaction() as session:
        for row in session.scalars(select(Backfill)):
            row.claimed_until = site.now - timedelta(seconds=1)
    assert site.worker.run().new == 1


def test_who_is_not_in_the_settings_any_more_is_not_asked(site: Site) -> None:
    with site.database.transaction() as session:
        gap = Gap(site.now - timedelta(hours=1), site.now)
        record_gap(session, [f"http://127.0.0.1:{free_port()}/raw"], gap, site.now, AGAIN)
    site.worker.run()

    assert site.gaps == []
