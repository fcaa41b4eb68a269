"""Threads: subjects that several messages share, such as an update, an issue, a build or a conversation.

A thread's key is the web page that its messages link to, without the fragment, which may point to a comment.
The query stays, since it identifies a bug or build.
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

#: Characters of a thread's URL: the size of a mute's column.
MAX_THREAD_LENGTH: Final = 500


def thread_of(facts: Facts) -> str:
    """URL of a message's thread; ``""`` without one.

    Never raises, whatever the body contains.
    """
    return thread_of_event(facts.event, facts.reader)


def thread_of_event(event: EventType, m: MessageReader) -> str:
    """URL of a message's thread, by event type and reader; ``""`` without one."""
    try:
        thread = _page(event, m)
        # With an incomplete body, the link may be a service's front page, which isn't a thread.
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
