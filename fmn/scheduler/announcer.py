"""The announcer: tells the bus who changed something of how they're told of things, as FMN 2 did.

It reads the log of changes, so that nothing is announced that was rolled back and nothing is left out,
however often it's stopped. What it announced just before it was killed comes once more, with the same ids.
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
from fmn.settings import PublishSettings
from fmn.sources.fedmsg.publisher import Publisher

#: Revisions announced before that is noted. Who is killed in between announces as many of them again.
AT_ONCE: Final = 100


class Announcer:
    """Announces while its process is the one that does. Its socket stays open: listeners have to connect."""

    def __init__(self, database: Database, settings: PublishSettings, base_url: str) -> None:
        self._database = database
        self._settings = settings
        self._base_url = base_url
        self._publisher: Publisher | None = None
        self._lock = Lock()

    def run(self) -> None:
        """Announce what changed since the last time. Raises :class:`~fmn.sources.fedmsg.errors.BusError`."""
        with self._lock:
            if self._publisher is None:
                self._publisher = Publisher(self._settings)
            after = self._bookmark()
            while (reached := self._announce_next(self._publisher, after)) > after:
                after = reached

    def _bookmark(self) -> int:
        """Up to where everything was announced. The first time that's now: before, nobody asked for it."""
        with self._database.reading() as session:
            after = last_announced_revision(session)
        if after is None:
            with self._database.transaction() as session:
                after = start_announcing(session)
        return after

    def _announce_next(self, publisher: Publisher, after: int) -> int:
        """Announce what comes next; returns how far that got."""
        with self._database.reading() as session:
            up_to = min(current_revision(session), after + AT_ONCE)
            waiting = pending_announcements(session, after, up_to)
        for announcement in waiting:
            self._announce(publisher, announcement)
        if up_to > after:
            with self._database.transaction() as session:
                mark_announced(session, up_to)
        return up_to

    def _announce(self, publisher: Publisher, announcement: ChangeAnnouncement) -> None:
        for number, (thing, context, part) in enumerate(announcement.changed):
            body = {"openid": announcement.nick, "context": context, "changed": part}
            publisher.publish(f"fmn.{thing}.update", body, self._msg_id(announcement, number))

    def _msg_id(self, announcement: ChangeAnnouncement, number: int) -> str:
        what = f"{self._base_url}/changes/{announcement.revision}/{announcement.user_id}/{number}"
        return f"{announcement.changed_at.year}-{uuid.uuid5(uuid.NAMESPACE_URL, what)}"

    def close(self) -> None:
        """Leave the address to whoever announces next."""
        with self._lock:
            if self._publisher is not None:
                self._publisher.close()
                self._publisher = None
