"""Which messages are looked at at all: cheap questions, asked before a signature is checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fmn.settings import BusSettings
from fmn.sources.fedmsg.rejection import Reason, RejectedError, shown
from fmn.sources.fedmsg.topics import prefixes


class Selection:
    """The topics that are listened to, less junk and ignored Copr owners."""

    def __init__(self, settings: BusSettings) -> None:
        self._prefixes = prefixes(settings.topics)
        self._junk = settings.junk_suffixes
        self._copr_owners = frozenset(settings.ignored_copr_owners)

    def check(self, topic: str, msg: Any) -> None:
        """Raises :class:`RejectedError` if a message with this topic and ``msg`` field isn't wanted."""
        self.check_topic(topic)
        if self._copr_owners and _is_copr(topic):
            ignored = self._copr_owners.intersection(_copr_owners(msg))
            if ignored:
                raise RejectedError(Reason.IGNORED_COPR_OWNER, f"Coprs of {shown(min(ignored))} are ignored")

    def check_topic(self, topic: str) -> None:
        """The part of it that needs the topic alone."""
        if not topic.startswith(self._prefixes):
            raise RejectedError(Reason.IGNORED_TOPIC, f"nobody listens to {topic}")
        if topic.endswith(self._junk):
            raise RejectedError(Reason.JUNK, f"{topic} ends in a junk suffix")


def _is_copr(topic: str) -> bool:
    return topic.split(".")[3:4] == ["copr"]


def _copr_owners(msg: Any) -> Iterator[str]:
    """Everybody a Copr message may mean by the owner.

    Old messages name a ``user`` only, later ones an ``owner`` too, and a Copr may be given in full
    as ``owner/project``.
    """
    if not isinstance(msg, dict):
        return
    yield from (name for name in (msg.get("user"), msg.get("owner")) if isinstance(name, str))
    copr = msg.get("copr")
    if isinstance(copr, str) and "/" in copr:
        yield copr.split("/", 1)[0]
