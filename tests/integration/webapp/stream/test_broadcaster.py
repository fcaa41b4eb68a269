"""Telling all who listen what is new: each event once, in order, whatever happens in between."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.sse.settings import SseSettings
from fmn.infra.db import Database
from fmn.ledger.event_streams import append, prune_events
from fmn.settings import DatabaseSettings, Settings, WebSettings
from fmn.wiring import Services
from tests.factories.databases import tables_in
from tests.factories.event_streams import dispatched
from tests.factories.messages import NOON
from tests.factories.people import make_person
from tests.factories.statements import statements_on
from webapp.api.problems import ApiError
from webapp.stream import broadcaster as module
from webapp.stream.authentication import StreamAuthenticator, StreamCredentials
from webapp.stream.broadcaster import Broadcaster, StreamReader
from webapp.stream.event_format import GAP, stream_start

_numbers = count(1)
#: Seconds that no test takes.
SOON = 60


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A process's services on a database of the module's own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('feeds')}/fmn.sqlite"
    with tables_in(url):
        made = Services(Settings(
            database=DatabaseSettings(url=url), web=WebSettings(secret="of the tests"),
        ).with_channels(sse=SseSettings(most_readers=4, most_readers_per_user=3)))
        yield made
        made.database.close()


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Broadcaster]:
    """Feeds that look when they're told to."""
    broadcaster = Broadcaster(
        services.database, SseSettings.of(services.settings), StreamAuthenticator(services, trial=True))
    try:
        yield broadcaster
    finally:
        broadcaster.dispose()


@dataclass
class Writer:
    """Backends that append to somebody's stream, each delivery a minute after the one before."""

    database: Database
    preference_id: int
    #: Events by delivery.
    deliveries: list[list[str]] = field(default_factory=list)
    kept_from: int = 0

    @classmethod
    def of(cls, services: Services) -> Writer:
        person = make_person(services.database, f"writer {next(_numbers)}", context="sse")
        return cls(services.database, person.preference_id)

    @property
    def appended(self) -> list[str]:
        """All events, in order."""
        return [event for delivery in self.deliveries for event in delivery]

    @property
    def pruned(self) -> list[str]:
        """Those of them that aren't kept any more."""
        return [event for delivery in self.deliveries[:self.kept_from] for event in delivery]

    def do(self, step: str, number: int) -> None:
        """A step that doesn't concern those who listen."""
        if step == "append":
            self.append(number)
        elif step == "prune":
            self.prune(number)
        elif self.kept_from <= number < len(self.deliveries):
            self._append(number)  # again, as when a backend died before it was on record

    def append(self, some: int = 1) -> None:
        """The next delivery, of some events."""
        minute = len(self.deliveries)
        self.deliveries.append([f"{self.preference_id}:{minute}/{number}" for number in range(some)])
        self._append(minute)

    def _append(self, minute: int) -> None:
        events = dict.fromkeys(self.deliveries[minute], "{}")
        with self.database.transaction() as session:
            append(session, self.preference_id, f"{self.preference_id}:{minute}", events, at(minute))

    def prune(self, minute: int) -> None:
        """Forget the deliveries before that one."""
        self.kept_from = max(self.kept_from, minute)
        with self.database.transaction() as session:
            prune_events(session, at(minute), 1000)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


@dataclass
class Client:
    """Somebody who listens, and remembers the last id as browsers do."""

    broadcaster: Broadcaster
    preference_id: int
    last_id: str | None = None
    events: list[str] = field(default_factory=list)
    reader: StreamReader | None = None

    async def connect(self) -> None:
        if self.reader is not None:
            return
        place, last = await self.broadcaster.resume_point(self.preference_id, self.last_id)
        credentials = StreamCredentials(1, self.preference_id, token_id=1)
        self.reader = self.broadcaster.join(credentials, place.number, last)
        self.chunks = self.broadcaster.events(self.reader)
        self._receive(stream_start(self.preference_id, place))

    async def read(self, most: int, *, lost: bool = False) -> None:
        """Read up to so much of what there is; with ``lost`` it never arrives."""
        assert self.reader is not None
        while most and self.reader.seen < self.reader.subscription.last:
            most -= 1
            chunk = await anext(self.chunks)
            if not lost:
                self._receive(chunk)

    async def disconnect(self) -> None:
        if self.reader is not None:
            await self.chunks.aclose()  # type: ignore[attr-defined] # it's a generator
            self.broadcaster.leave(self.reader)
            self.reader = None

    def _receive(self, chunk: bytes) -> None:
        self.events += [each.type if each.type == GAP else each.id for each in dispatched(chunk)]
        *_, self.last_id = re.findall(r"(?m)^id: (.+)$", chunk.decode())


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, SOON))


STEPS = st.lists(st.one_of(
    st.tuples(st.just("append"), st.integers(1, 6)),
    st.tuples(st.just("append again"), st.integers(0, 10)),
    st.tuples(st.just("look"), st.just(0)),
    st.tuples(st.just("prune"), st.integers(1, 10)),
    st.tuples(st.just("read"), st.integers(0, 11) | st.integers(90, 92)),
    st.tuples(st.just("break off"), st.integers(0, 8)),
), max_size=40)


@given(STEPS)
def test_everybody_gets_each_event_once_in_order(services: Services, steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as small:
        small.setattr(module, "MAX_EVENTS_PER_STREAM", 8)
        small.setattr(module, "MAX_EVENTS_READ", 5)
        run(happens(services, steps))


async def happens(services: Services, steps: list[tuple[str, int]]) -> None:
    writer = Writer.of(services)
    async with opened(services) as broadcaster:
        clients = [Client(broadcaster, writer.preference_id) for _ in range(3)]
        began: dict[int, int] = {}

        async def connected(number: int) -> Client:
            began.setdefault(number, len(writer.appended))
            await clients[number].connect()
            return clients[number]

        for step, number in steps:
            if step == "read":
                client = await connected(number % 3)
                await client.read(number // 3)
            elif step == "break off":
                client = await connected(number % 3)
                await client.read(number // 3, lost=True)
                await client.disconnect()
            elif step == "look":
                await broadcaster.poll()
            else:
                writer.do(step, number)
        # In the end everybody comes back, and has got all
        for number, client in enumerate(clients):
            await connected(number)
            while await broadcaster.poll():
                pass
            await client.read(1000)
            await client.disconnect()
            check(client.events, writer.appended[began[number]:], writer.pruned)


def check(got: Sequence[str], appended: Sequence[str], pruned: Collection[str]) -> None:
    """Each event once and in order; nothing but what has been pruned is missing, and where, was said."""
    told = [each for each in got if each != GAP]
    assert told == [each for each in appended if each in set(told)]
    assert set(appended) - set(told) <= set(pruned)
    left = iter([*appended, "the end"])
    said = False
    for each in [*got, "the end"]:
        if each == GAP:
            said = True
        else:
            assert next(left) == each or (said and each in left)
            said = False


def questions(statements: Sequence[str]) -> Sequence[str]:
    return [each for each in statements if not each.startswith(("BEGIN", "PRAGMA"))]


class TestALook:
    def test_is_one_question_however_many_listen(self, services: Services) -> None:
        async def scenario() -> None:
            writers = [Writer.of(services) for _ in range(4)]
            async with opened(services) as broadcaster:
                for writer in writers:
                    await Client(broadcaster, writer.preference_id).connect()
                with statements_on(services.database) as statements:
                    assert not await broadcaster.poll()
                assert len(questions(statements)) == 1
                for writer in writers:
                    writer.append(2)
                with statements_on(services.database) as statements:
                    assert await broadcaster.poll()
                assert len(questions(statements)) == 2

        run(scenario())

    def test_leaves_nothing_behind_for_those_who_do_not_read(self, services: Services) -> None:
        async def scenario() -> None:
            writer = Writer.of(services)
            async with opened(services) as broadcaster:
                client = Client(broadcaster, writer.preference_id)
                await client.connect()
                assert client.reader is not None
                writer.append(150)
                while await broadcaster.poll():
                    pass
                assert client.reader.subscription.recent == ()
                # and they get it all the same
                await client.read(1000)
                assert client.events == writer.appended

        run(scenario())

    def test_tells_many_streams_one_part_after_the_other(
        self, services: Services, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(module, "MAX_STREAMS", 1)

        async def scenario() -> None:
            writers = [Writer.of(services) for _ in range(3)]
            async with opened(services) as broadcaster:
                clients = [Client(broadcaster, writer.preference_id) for writer in writers]
                for client, writer in zip(clients, writers, strict=True):
                    await client.connect()
                    writer.append(3)
                while await broadcaster.poll():
                    pass
                for client, writer in zip(clients, writers, strict=True):
                    await client.read(1000)
                    assert client.events == writer.appended

        run(scenario())


class TestRoom:
    def test_is_for_so_many_of_one_person_and_in_all(self, services: Services) -> None:
        async def scenario() -> None:
            alice, bob = Writer.of(services), Writer.of(services)
            async with opened(services) as broadcaster:
                readers = [broadcaster.join(
                    StreamCredentials(1, alice.preference_id, token_id=1), 0, 0) for _ in range(3)]
                assert refusal(broadcaster, alice.preference_id) == (
                    429, "You have 3 open connections, which is the limit. Close one first.")
                broadcaster.join(StreamCredentials(2, bob.preference_id, token_id=2), 0, 0)
                assert refusal(broadcaster, bob.preference_id)[0] == 503
                # and there's room again when somebody leaves
                broadcaster.leave(readers[0])
                broadcaster.check_capacity(alice.preference_id)
                # but for nobody once it's closed
                broadcaster.close()
                assert refusal(broadcaster, alice.preference_id)[0] == 503

        run(scenario())


    def test_is_for_so_many_of_one_network_whoever_they_are(self, services: Services) -> None:
        async def scenario() -> None:
            people = [Writer.of(services) for _ in range(4)]
            settings = SseSettings(most_readers_per_address=2)
            broadcaster = Broadcaster(services.database, settings, StreamAuthenticator(services))
            readers = [
                broadcaster.join(StreamCredentials(1, each.preference_id, token_id=1), 0, 0, "192.0.2.1")
                for each in people[:2]]
            assert refusal(broadcaster, people[2].preference_id, "192.0.2.1") == (
                429, "Your network address has 2 open connections, which is the limit. Close one first.")
            # but others can, and so can those whose network isn't known
            broadcaster.join(StreamCredentials(1, people[2].preference_id, token_id=1), 0, 0, "2001:db8::/64")
            broadcaster.join(StreamCredentials(1, people[3].preference_id, token_id=1), 0, 0)
            # and there's room again when somebody leaves, once
            broadcaster.leave(readers[0])
            broadcaster.leave(readers[0])
            broadcaster.join(StreamCredentials(1, people[3].preference_id, token_id=1), 0, 0, "192.0.2.1")
            assert refusal(broadcaster, people[2].preference_id, "192.0.2.1")[0] == 429
            broadcaster.dispose()

        run(scenario())

    def test_is_for_so_many_newcomers_at_once(
        self, services: Services, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(module, "MAX_PENDING_ADMISSIONS", 2)

        async def scenario() -> None:
            async with opened(services) as broadcaster:
                held = Event()
                waiting = [
                    asyncio.create_task(broadcaster.in_admission_thread(held.wait, SOON)) for _ in range(2)]
                await asyncio.sleep(0)
                with pytest.raises(ApiError, match="Too many clients are connecting"):
                    await broadcaster.in_admission_thread(str)
                # while those who listen already are told what is new
                assert await broadcaster.in_thread(str) == ""
                held.set()
                assert await asyncio.gather(*waiting) == [True, True]
                assert await broadcaster.in_admission_thread(str) == ""

        run(scenario())


def refusal(broadcaster: Broadcaster, preference_id: int, network: str | None = None) -> tuple[int, str]:
    with pytest.raises(ApiError) as refused:
        broadcaster.join(StreamCredentials(1, preference_id, token_id=1), 0, 0, network)
    assert int(refused.value.headers["Retry-After"]) > 0
    return refused.value.status, refused.value.detail


def test_a_database_that_is_away_is_waited_for(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "DATABASE_RETRY_SECONDS", 0.01)

    async def scenario() -> None:
        writer = Writer.of(services)
        away = Database(f"sqlite:///{tmp_path}/empty.sqlite")
        broadcaster = Broadcaster(
            away, SseSettings.of(services.settings), StreamAuthenticator(services, trial=True))
        client = Client(broadcaster, writer.preference_id)
        client.reader = broadcaster.join(StreamCredentials(1, writer.preference_id, token_id=1), 0, 0)
        client.chunks = broadcaster.events(client.reader)
        looking = asyncio.create_task(broadcaster.poll())
        writer.append()
        done, _ = await asyncio.wait([looking], timeout=0.1)
        assert not done
        # When it's back, then it goes on
        broadcaster._database = services.database  # noqa: SLF001 - as if it were the same
        assert await looking
        await client.read(10)
        assert client.events == writer.appended
        broadcaster.dispose()
        away.close()

    run(scenario())
