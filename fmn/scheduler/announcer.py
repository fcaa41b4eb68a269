"""Announcer: publishes changes of users' preferences, on each bus in its form.

On fedmsg it announces the changed parts, as FMN 2 did; on fedora-messaging filters, as FMN 3 did.

It reads the log of changes, so it announces no change that was rolled back and misses none after a stop.
After a kill it repeats the last announcements, with the same message ids.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any, Final

from fmn.catalog.message import FEDMSG, FEDORA_MESSAGING
from fmn.infra.db import Database
from fmn.people.change_announcements import (
    ChangeAnnouncement,
    last_announced_revision,
    mark_announced,
    pending_announcements,
    start_announcing,
)
from fmn.people.change_log import current_revision
from fmn.settings import FedoraMessagingSettings, PublishSettings
from fmn.sources.publishers import Publishers

#: Revisions announced between two writes of the bookmark, and so the most that a kill repeats.
AT_ONCE: Final = 100

#: Topic after prefix and environment, and body.
Event = tuple[str, Mapping[str, Any]]


class Announcer:
    """Publisher of preference changes. Keeps its socket open, since subscribers need time to connect."""

    def __init__(
        self, database: Database, settings: PublishSettings, base_url: str,
        receiving: FedoraMessagingSettings | None = None,
    ) -> None:
        """``receiving`` has the broker of AMQP if ``settings`` names none."""
        self._database = database
        self._settings, self._receiving = settings, receiving
        self._base_url = base_url
        self._publishers: Publishers | None = None
        self._lock = Lock()

    def run(self) -> None:
        """Announce the changes since the last run.

        :raises ~fmn.sources.errors.BusError: the socket can't be opened
        """
        with self._lock:
            if self._publishers is None:
                self._publishers = Publishers(self._settings, self._receiving)
            after = self._bookmark()
            while (reached := self._announce_next(self._publishers, after)) > after:
                after = reached

    def _bookmark(self) -> int:
        """The last announced revision. On the first run, the current one: earlier changes are skipped."""
        with self._database.reading() as session:
            after = last_announced_revision(session)
        if after is None:
            with self._database.transaction() as session:
                after = start_announcing(session)
        return after

    def _announce_next(self, publishers: Publishers, after: int) -> int:
        """Announce the next batch of changes; returns the last announced revision."""
        with self._database.reading() as session:
            up_to = min(current_revision(session), after + AT_ONCE)
            waiting = pending_announcements(session, after, up_to)
        for announcement in waiting:
            self._announce(publishers, announcement)
        if up_to > after:
            with self._database.transaction() as session:
                mark_announced(session, up_to)
        return up_to

    def _announce(self, publishers: Publishers, announcement: ChangeAnnouncement) -> None:
        for bus, publisher in publishers.by_bus.items():
            path, events = _EVENTS[bus]
            for number, (topic, body) in enumerate(events(announcement)):
                publisher.publish(topic, body, self._msg_id(path, announcement, number))

    def _msg_id(self, path: str, announcement: ChangeAnnouncement, number: int) -> str:
        what = f"{self._base_url}/{path}/{announcement.revision}/{announcement.user_id}/{number}"
        return f"{announcement.changed_at.year}-{uuid.uuid5(uuid.NAMESPACE_URL, what)}"

    def close(self) -> None:
        """Close the socket, so that the next leader can bind its address."""
        with self._lock:
            if self._publishers is not None:
                self._publishers.close()
                self._publishers = None


def _events_of_fmn2(announcement: ChangeAnnouncement) -> Iterator[Event]:
    """The changed parts, as FMN 2 announced them."""
    for thing, context, part in announcement.changed:
        yield f"fmn.{thing}.update", {"openid": announcement.nick, "context": context, "changed": part}


def _events_of_fmn3(announcement: ChangeAnnouncement) -> Iterator[Event]:
    """The filters that a user created, changed or deleted, which FMN 3 called rules."""
    for action, filter_id, name in announcement.filters:
        yield f"fmn.rule.{action}.v1", {
            "rule": {"id": filter_id, "name": name}, "user": {"name": announcement.nick}}


#: What is announced on each bus, and a part of its messages' ids.
_EVENTS: Final[Mapping[str, tuple[str, Callable[[ChangeAnnouncement], Iterator[Event]]]]] = {
    FEDMSG: ("changes", _events_of_fmn2),
    FEDORA_MESSAGING: ("filters", _events_of_fmn3),
}
