"""Inbound filter: rejects unwanted topics and Copr owners cheaply, before signatures are verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fmn.settings import BusSettings
from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr
from fmn.sources.topics import topic_prefixes


class InboundFilter:
    """Filter by subscribed topics, junk topics and ignored Copr owners."""

    def __init__(self, settings: BusSettings) -> None:
        self._topic_prefixes = topic_prefixes(settings.topics)
        self._junk = settings.junk_suffixes
        self._copr_owners = frozenset(settings.ignored_copr_owners)

    def check(self, topic: str, msg: Any) -> None:
        """Check a message's topic and ``msg`` field.

        :raises MessageRejectedError: the settings exclude it
        """
        self.check_topic(topic)
        if self._copr_owners and _is_copr(topic):
            ignored = self._copr_owners.intersection(_copr_owners(msg))
            if ignored:
                raise MessageRejectedError(
                    RejectionReason.IGNORED_COPR_OWNER, f"Coprs of {short_repr(min(ignored))} are ignored")

    def check_topic(self, topic: str) -> None:
        """Check a message's topic.

        :raises MessageRejectedError: the settings exclude it
        """
        if not topic.startswith(self._topic_prefixes):
            raise MessageRejectedError(RejectionReason.IGNORED_TOPIC, f"nobody listens to {topic}")
        if topic.endswith(self._junk):
            raise MessageRejectedError(RejectionReason.JUNK, f"{topic} ends in a junk suffix")


def _is_copr(topic: str) -> bool:
    return topic.split(".")[3:4] == ["copr"]


def _copr_owners(msg: Any) -> Iterator[str]:
    """All accounts that a Copr message may mean by the owner.

    Old messages have only ``user``, later ones ``owner`` too, and a Copr may be named ``owner/project``.
    """
    if not isinstance(msg, dict):
        return
    yield from (name for name in (msg.get("user"), msg.get("owner")) if isinstance(name, str))
    copr = msg.get("copr")
    if isinstance(copr, str) and "/" in copr:
        yield copr.split("/", 1)[0]
