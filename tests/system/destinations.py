"""Where people hear who aren't written mails, and what came there: web hooks, ntfy, browsers, feed, IRC."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

import httpx
from sqlalchemy import func, select

from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.delivery.webpush.subscriptions import parse_subscription
from fmn.delivery.webpush.vapid import derive_key
from fmn.infra.db import Database
from fmn.ledger.models import StreamEvent
from fmn.people.api_tokens import create_token
from fmn.people.models import Preference, User
from tests.servers.irc import Atheme
from tests.servers.irc_network import Network, new_network
from tests.servers.irc_people import Person as Chatter
from tests.servers.ports import free_port
from tests.servers.push_service import PushService
from tests.servers.receiver import Answer, Received, Receiver
from tests.servers.waiting import wait_until
from tests.system.events import TOKEN
from tests.system.expectation import ReceivedSummary
from tests.system.installation import SECRET
from tests.system.population import Crowd

#: The nick that FMN has on IRC.
BOT = "fmn"
#: Seconds: until a reader whose connection broke comes back, and until all have heard what there is.
BACK = 0.3
HEARD = 60.0
#: Seconds without a heartbeat after which a reader gives a connection up.
SILENT = 40.0


class TimedReceiver(Receiver):
    """Everybody's own server: one, with a place on it for each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted: list[tuple[Received, float]] = []

    def answer(self, received: Received) -> Answer:
        """Take it, unless something else is to be said, and note when that was."""
        answer = super().answer(received)
        if answer.status == Answer.status:
            self.accepted.append((received, time.time()))
        return answer


class Hooks(TimedReceiver):
    """Takes web hooks."""

    def address(self, nick: str) -> str:
        """Somebody's web hook."""
        return f"{self.url}/{nick}"

    def letters(self) -> Iterator[ReceivedSummary]:
        """What came."""
        for received, accepted_at in list(self.accepted):
            items = received.json["data"]["items"]
            tokens = [token for item in items for token in set(TOKEN.findall(json.dumps(item)))]
            yield ReceivedSummary(
                received.headers["webhook-id"], f"{self.url}{received.path}", frozenset(tokens), len(items),
                [item["filter"] for item in items], accepted_at)


class Topics(TimedReceiver):
    """Takes what is pushed to topics by ntfy's protocol."""

    def address(self, nick: str) -> str:
        """Somebody's topic, as Apprise calls it."""
        return f"ntfy://{self.host}/{nick}"

    def letters(self) -> Iterator[ReceivedSummary]:
        """What came."""
        for received, accepted_at in list(self.accepted):
            nick, text = received.json["topic"], json.dumps(received.json)
            for token in set(TOKEN.findall(text)):
                yield ReceivedSummary(
                    f"{nick} {token}", self.address(nick), frozenset({token}), 1, None, accepted_at)


class Browsers(PushService):
    """The push service of everybody's browsers."""

    def __init__(self) -> None:
        super().__init__()
        self._addresses: dict[str, str] = {}

    def address(self, nick: str) -> str:
        """Somebody's browser, as FMN keeps its subscription."""
        key = derive_key(SECRET)
        browser = self.subscribe(key.public)
        told = json.dumps({**browser.subscription, "browser": nick})
        found = parse_subscription(told, key.id, NetworkPolicy([ip_network("127.0.0.0/8")])).address
        self._addresses[browser.endpoint] = found
        return found

    def letters(self) -> Iterator[ReceivedSummary]:
        """What came, decrypted."""
        for browser in list(self.browsers.values()):
            for message in list(browser.messages):
                for token in set(TOKEN.findall(message.data.decode())):
                    address = self._addresses[browser.endpoint]
                    yield ReceivedSummary(
                        f"{address} {token}", address, frozenset({token}), 1, None, message.at)


class Listener:
    """Somebody who listens to their live feed, and comes back whenever the connection breaks."""

    def __init__(self, url: str, nick: str, token: str) -> None:
        self.nick = nick
        self.heard: list[tuple[str, str, float]] = []
        self._url = f"{url}/user/{nick}"
        self._token = token
        self._last_event_id = ""
        self._stop = threading.Event()
        threading.Thread(target=self._run, name=f"listener {nick}", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(BACK):
            headers = {"Authorization": f"Bearer {self._token}"}
            if self._last_event_id:
                headers["Last-Event-ID"] = self._last_event_id
            try:
                with httpx.stream("GET", self._url, headers=headers, timeout=SILENT) as answer:
                    if answer.status_code == httpx.codes.OK:
                        self._listen(answer.iter_lines())
            except httpx.HTTPError:
                continue

    def _listen(self, lines: Iterable[str]) -> None:
        fields: dict[str, str] = {}
        for line in lines:
            if self._stop.is_set():
                return
            if line:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
                continue
            self._last_event_id = fields.get("id", self._last_event_id)
            if "data" in fields:
                self.heard.append((self._last_event_id, fields["data"], time.time()))
            fields = {}

    def letters(self) -> Iterator[ReceivedSummary]:
        """What came."""
        for event_id, data, heard_at in list(self.heard):
            said = json.loads(data)
            tokens = frozenset(TOKEN.findall(data))
            yield ReceivedSummary(event_id, self.nick, tokens, 1, [said["filter"]], heard_at)


@dataclass
class Destinations:
    """The places, of which people are told in the settings of an installation."""

    hooks: Hooks
    topics: Topics
    browsers: Browsers
    network: Network
    feed_port: int = field(default_factory=free_port)
    chatters: list[Chatter] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)

    @property
    def addresses(self) -> Mapping[str, Callable[[str], str]]:
        """Where somebody hears, by the context."""
        return {
            "webhook": self.hooks.address, "apprise": self.topics.address, "webpush": self.browsers.address,
            "sse": str, "irc": str}

    @property
    def settings(self) -> Mapping[str, object]:
        """What an installation has to know of them."""
        irc = self.network.settings(lines_per_second=1_000, burst=1_000, timeout_seconds=1)
        return {
            "fmn.delivery.channels": f"email {' '.join(self.addresses)}",
            "fmn.egress.allowed_networks": "127.0.0.0/8",
            "fmn.webhook.timeout_seconds": 2,
            "fmn.apprise.timeout_seconds": 2,
            "fmn.webpush.timeout_seconds": 2,
            "fmn.sse.listen": f"127.0.0.1:{self.feed_port}",
            **{f"fmn.irc.{name}": value for name, value in irc.model_dump(exclude_unset=True).items()},
        }

    def come(self, crowd: Crowd, database: Database) -> None:
        """Let everybody be there who hears at one of them."""
        url = f"http://127.0.0.1:{self.feed_port}"
        for person in crowd.people:
            if person.context == "irc":
                self.chatters.append(self.network.stranger(person.nick))
            if person.context == "sse":
                self.listeners.append(Listener(url, person.nick, _token(database, person.nick)))
        for chatter in self.chatters:
            chatter.ready().register()

    def wait_until_heard(self, database: Database) -> None:
        """Return when all who listen have heard everything that's in their streams."""
        def lacking() -> list[str]:
            with database.reading() as session:
                rows = session.execute(
                    select(User.nick, func.count())
                    .join(Preference, Preference.user_id == User.id)
                    .join(StreamEvent, StreamEvent.preference_id == Preference.id)
                    .group_by(User.nick))
                there = {row[0]: row[1] for row in rows}
            return [each.nick for each in self.listeners if len(each.heard) < there.get(each.nick, 0)]

        wait_until(lambda: not lacking(), HEARD, "somebody doesn't hear all of their feed")
        for chatter in self.chatters:
            chatter.catch_up()

    def letters(self) -> Sequence[ReceivedSummary]:
        """What came everywhere."""
        said = [
            ReceivedSummary(f"{chatter.nick} {token}", chatter.nick, frozenset({token}), 1, None, time.time())
            for chatter in self.chatters for line in chatter.said_by(BOT) for token in TOKEN.findall(line)]
        fed = [letter for listener in self.listeners for letter in listener.letters()]
        return [*said, *fed, *self.hooks.letters(), *self.topics.letters(), *self.browsers.letters()]


@contextmanager
def open_destinations(directory: Path, registered: Path) -> Iterator[Destinations]:
    """The places, until the end of the block; on IRC, FMN has registered already."""
    network = new_network(directory, Atheme, registered)
    with ExitStack() as running:
        places = Destinations(
            running.enter_context(Hooks()), running.enter_context(Topics()),
            running.enter_context(Browsers()), running.enter_context(network.running()))
        yield places
        for listener in places.listeners:
            listener.stop()


def _token(database: Database, nick: str) -> str:
    with database.transaction() as session:
        user_id = session.scalars(select(User.id).where(User.nick == nick)).one()
        return create_token(session, user_id, "listens", ["read"], None)[1]
