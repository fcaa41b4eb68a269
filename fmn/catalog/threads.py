"""Threads: what several messages are about, such as an update, an issue, a build or a conversation.

A thread is known by the web page that its messages share: their link without the fragment, which leads to one
comment or another on it. The query stays, since it's what tells one bug or build from all others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urldefrag, urlsplit

import structlog

from fmn.catalog.events import EventType, Facts
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import safe_link

log = structlog.get_logger()

#: Characters of a thread's page at most: what a mute has room for.
MAX_THREAD_LENGTH: Final = 500


def thread_of(facts: Facts) -> str:
    """The page of the thread that a message belongs to, ``""`` if it's none of any.

    Never raises for what the body holds.
    """
    return thread_of_event(facts.event, facts.reader)


def thread_of_event(event: EventType, m: MessageReader) -> str:
    """The same, of a message that was read."""
    try:
        thread = _page(event, m)
        # Where a body says too little, links lead to services' front pages, which too much has in common.
        shared = _is_front_page(thread) or thread == _page(event, MessageReader(replace(m.message, body={})))
    except Exception:
        log.exception("catalogue entry failed", event_type=event.name, msg_id=m.message.msg_id)
        return ""
    return "" if shared or len(thread) > MAX_THREAD_LENGTH else thread


def _page(event: EventType, m: MessageReader) -> str:
    return urldefrag(safe_link(event.thread(m))).url.rstrip("/")


def _is_front_page(page: str) -> bool:
    parts = urlsplit(page)
    return not (parts.path or parts.query)
