"""Topic and JSON form of outgoing messages, the same on every bus."""

from __future__ import annotations

import json
from typing import Any

from fmn.settings import PublishSettings
from fmn.sources.errors import BusError
from fmn.sources.rejection import short_repr
from fmn.sources.topics import is_topic


def full_topic(settings: PublishSettings, event_topic: str) -> str:
    """The topic with the settings' prefix and environment, unless it begins with the prefix already.

    :raises BusError: it can't be a topic
    """
    prefix, topic = settings.topic_prefix, event_topic
    if not event_topic.startswith(f"{prefix}."):
        topic = f"{prefix}.{settings.environment}.{event_topic}"
    if not event_topic or not is_topic(topic):
        raise BusError(f"{short_repr(event_topic)} can't be a topic: it takes a few printable characters")
    return topic


def as_json(msg: object) -> Any:
    """``msg`` as JSON decodes it.

    :raises BusError: it has no JSON form
    """
    try:
        return json.loads(json.dumps(msg, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise BusError(f"the message has no JSON form: {error}") from error
