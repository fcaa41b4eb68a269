"""``fmn sse`` as a process of its own, and curl that listens to it."""

from __future__ import annotations

import re
import signal
from multiprocessing import get_context
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from fmn.cli import main
from fmn.delivery.sse.settings import SseSettings
from fmn.infra.db import Database
from fmn.ledger.event_streams import LedgerStream
from fmn.settings import SettingsError
from tests.integration.webapp.stream.conftest import SETTINGS
from tests.integration.webapp.stream.listeners import SOON, Owner
from tests.servers.feed import FeedServer
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from webapp.server import listening
from webapp.stream import serving

EVENTS = 40


def append_some(database_url: str, preference_id: int, name: str) -> None:
    """What a backend's process does."""
    database = Database(database_url)
    stream = LedgerStream(database)
    for number in range(EVENTS):
        key = f"{name}:{number}"
        stream.append(preference_id, key, {key: "{}"})
    database.close()


def test_who_listens_gets_what_is_new(alice: Owner, feed: FeedServer) -> None:
    # Given something from before
    alice.gets("before")
    with alice.listening(feed) as first, alice.listening(feed) as second:
        first.begins()
        second.begins()
        # When something happens
        alice.gets("single:1:1")
        alice.gets("digest:1:1/1", "digest:1:1/2")
        # Then all who listen get it, each once, and nothing from before
        for listener in (first, second):
            listener.gets("single:1:1", "digest:1:1/1", "digest:1:1/2")
            assert {(event.type, event.data) for event in listener.events} == {("message", "{}")}


def test_a_quiet_stream_shows_that_it_is_alive(alice: Owner, feed: FeedServer) -> None:
    with alice.listening(feed) as listener:
        wait_until(lambda: listener.received.count(b": still here\n\n") >= 2, SOON, "no heartbeat")
        assert listener.events == []


class TestComingBack:
    def test_nothing_is_lost_and_nothing_doubled_though_the_service_is_killed(
        self, alice: Owner, feed: FeedServer,
    ) -> None:
        # Given somebody who got something
        with alice.listening(feed) as listener:
            listener.begins()
            alice.gets("one")
            listener.gets("one")
            # When the service dies, and more happens meanwhile
            feed.kill()
            assert listener.ends() != 0
        alice.gets("two")
        alice.gets("three")
        feed.start()
        # Then it's there for whoever comes back
        with alice.listening(feed, {"Last-Event-ID": "one"}) as listener:
            listener.gets("two", "three")
            alice.gets("four")
            listener.gets("two", "three", "four")

    def test_nothing_is_lost_though_nothing_had_come(
        self, alice: Owner, feed: FeedServer,
    ) -> None:
        # Given somebody who listened and got no event, but an id as browsers remember it
        with alice.listening(feed) as listener:
            listener.begins()
            found = re.search(rb"(?m)^id: (.+)$", listener.received)
            assert found
        # When something happens while they're away
        alice.gets("one")
        # Then they get it, with tools that can't send headers, too
        with alice.listening(feed, query=f"?last_event_id={found[1].decode()}") as listener:
            listener.gets("one")

    def test_from_nowhere_begins_with_what_is_kept_and_says_so(self, alice: Owner, feed: FeedServer) -> None:
        alice.gets("one")
        with alice.listening(feed, {"Last-Event-ID": "forgotten"}) as listener:
            wait_until(lambda: len(listener.events) == 2, SOON, "not all came")
            gap, one = listener.events
            assert (gap.type, one.type, one.id) == ("gap", "message", "one")
            assert "some events may be missing" in gap.data

    def test_after_long_gets_all_of_it(self, alice: Owner, feed: FeedServer) -> None:
        names = [f"event {number}" for number in range(333)]
        for name in names:
            alice.gets(name)
        with alice.listening(feed, {"Last-Event-ID": names[0]}) as listener:
            listener.gets(*names[1:])


def test_several_processes_may_append(alice: Owner, feed: FeedServer) -> None:
    # Given backends in two processes, and somebody who listens
    fresh = get_context("spawn")
    url = alice.services.settings.database.url
    backends = [
        fresh.Process(target=append_some, args=(url, alice.preference_id, name)) for name in ("a", "b")]
    with alice.listening(feed) as listener:
        listener.begins()
        for backend in backends:
            backend.start()
        wait_until(lambda: len(listener.ids) >= 2 * EVENTS, SOON, "not all came")
        for backend in backends:
            backend.join()
        # Then each comes once, and what one appended in its order
        assert sorted(listener.ids) == sorted(f"{name}:{n}" for name in "ab" for n in range(EVENTS))
        for name in "ab":
            assert [each for each in listener.ids if each.startswith(name)] == [
                f"{name}:{n}" for n in range(EVENTS)]


def test_a_stop_ends_streams_in_order_and_soon(
    alice: Owner, postgresql_tables: str, tmp_path: Path,
) -> None:
    with FeedServer(tmp_path, postgresql_tables, SETTINGS) as feed, alice.listening(feed) as listener:
        listener.begins()
        feed.stop()
        assert listener.ends() == 0
        # and it's known when to come back
        assert b"retry: 3000\n" in listener.received
    log = (feed.directory / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "error" not in log


class TestASlowReader:
    #: Together more than all buffers on the way have room for.
    NAMES = tuple(str(number) for number in range(500))
    DATA = f'"{"long" * 10_000}"'

    def test_gets_everything_when_they_read_again(self, alice: Owner, feed: FeedServer) -> None:
        # Given one who doesn't read, and one who does
        with alice.listening(feed) as slow, alice.listening(feed) as quick:
            slow.begins()
            quick.begins()
            slow.process.send_signal(signal.SIGSTOP)
            # When much is told
            for start in range(0, len(self.NAMES), 50):
                alice.gets(*self.NAMES[start:start + 50], data=self.DATA)
            quick.gets(*self.NAMES)
            # Then the slow one gets it later, each once and in order
            slow.process.send_signal(signal.SIGCONT)
            slow.gets(*self.NAMES)

    def test_does_not_hold_up_a_stop(self, alice: Owner, feed: FeedServer) -> None:
        with alice.listening(feed) as slow, alice.listening(feed) as quick:
            slow.begins()
            quick.begins()
            slow.process.send_signal(signal.SIGSTOP)
            alice.gets(*self.NAMES, data=self.DATA)
            quick.gets(*self.NAMES)
            feed.restart()
            assert quick.ends() == 0
            slow.process.send_signal(signal.SIGCONT)
            slow.ends()
            assert len(slow.ids) < len(self.NAMES)


class TestTheCommand:
    def test_says_that_its_port_is_taken(self, tmp_path: Path) -> None:
        with listening("127.0.0.1", 0) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            assert told(tmp_path, f"fmn.delivery.channels = email sse\nfmn.sse.listen = {address}") == (
                f"Error: fmn.sse.listen = {address} can't be used: Address already in use\n")

    def test_says_that_there_is_no_such_channel(self, tmp_path: Path) -> None:
        assert told(tmp_path, f"fmn.sse.listen = 127.0.0.1:{free_port()}") == (
            "Error: the live feed is off: add sse to fmn.delivery.channels\n")

    def test_says_that_it_may_not_have_so_many_readers(self) -> None:
        with pytest.raises(SettingsError, match=r"fmn\.sse\.most_readers = 2000000000 takes"):
            serving.raise_file_limit(SseSettings(most_readers=2_000_000_000))


def told(folder: Path, settings: str) -> str:
    """What ``fmn sse`` says to who started it, with these settings."""
    config = folder / "fmn.ini"
    config.write_text(f"[app:main]\n{settings}\n", encoding="utf-8")
    ended = CliRunner().invoke(main, ["--config", str(config), "sse"])
    assert ended.exit_code == 1
    return ended.output


def test_supervisors_are_answered(feed: FeedServer) -> None:
    assert httpx.get(f"{feed.url}/healthz").text == "alive\n"
