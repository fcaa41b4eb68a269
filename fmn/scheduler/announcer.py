"""Announcer: publishes changes of users' preferences on the bus, as FMN 2 did.

It reads the log of changes, so it announces no change that was rolled back and misses none after a stop.
After a kill it repeats the last announcements, with the same message ids.
"""

from __future__ import annotations

import uuid
from threading import Lock
from typing import Final

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
from fmn.sources.publishers import MessagePublisher, Publishers

#: Revisions announced between two writes of the bookmark, and so the most that a kill repeats.
AT_ONCE: Final = 100


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
        self._publisher: Publishers | None = None
        self._lock = Lock()

    def run(self) -> None:
        """Announce the changes since the last run.

        :raises ~fmn.sources.fedmsg.errors.BusError: the socket can't be opened
        """
        with self._lock:
            if self._publisher is None:
                self._publisher = Publishers(self._settings, self._receiving)
            after = self._bookmark()
            while (reached := self._announce_next(self._publisher, after)) > after:
                after = reached

    def _bookmark(self) -> int:
        """The last announced revision. On the first run, the current one: earlier changes are skipped."""
        with self._database.reading() as session:
            after = last_announced_revision(session)
        if after is None:
            with self._database.transaction() as session:
                after = start_announcing(session)
        return after

    def _announce_next(self, publisher: MessagePublisher, after: int) -> int:
        """Announce the next batch of changes; returns the last announced revision."""
        with self._database.reading() as session:
            up_to = min(current_revision(session), after + AT_ONCE)
            waiting = pending_announcements(session, after, up_to)
        for announcement in waiting:
            self._announce(publisher, announcement)
        if up_to > after:
            with self._database.transaction() as session:
                mark_announced(session, up_to)
        return up_to

    def _announce(self, publisher: MessagePublisher, announcement: ChangeAnnouncement) -> None:
        for number, (thing, context, part) in enumerate(announcement.changed):
            body = {"openid": announcement.nick, "context": context, "changed": part}
            publisher.publish(f"fmn.{thing}.update", body, self._msg_id(announcement, number))

    def _msg_id(self, announcement: ChangeAnnouncement, number: int) -> str:
        what = f"{self._base_url}/changes/{announcement.revision}/{announcement.user_id}/{number}"
        return f"{announcement.changed_at.year}-{uuid.uuid5(uuid.NAMESPACE_URL, what)}"

    def close(self) -> None:
        """Close the socket, so that the next leader can bind its address."""
        with self._lock:
            if self._publisher is not None:
                self._publisher.close()
                self._publisher = None
