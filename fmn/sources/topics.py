"""Topics: validation, and patterns that select them."""

from __future__ import annotations

from collections.abc import Iterable

from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr

#: Characters of a topic. Real ones have fewer than 100; much longer ones don't fit into a database index.
LONGEST_TOPIC = 500


def topic_prefixes(patterns: Iterable[str]) -> tuple[str, ...]:
    """Prefixes of topics that match one of ``patterns``.

    A pattern without its stars is the prefix, so the dot before a final star matters:
    ``org.fedoraproject.prod.bodhi.*`` doesn't match ``org.fedoraproject.prod.bodhiX.y``. Without patterns
    every topic matches, as with ``*``.
    """
    return tuple(pattern.replace("*", "") for pattern in patterns) or ("",)


def is_topic(text: str) -> bool:
    """Whether ``text`` is a valid topic: 1 to 500 printable characters."""
    return 0 < len(text) <= LONGEST_TOPIC and text.isprintable()


def decode_topic(frame: bytes) -> str:
    """The topic in a message's first frame.

    :raises MessageRejectedError: it's no valid topic
    """
    try:
        return check_topic(frame.decode())
    except UnicodeDecodeError as error:
        raise MessageRejectedError(
            RejectionReason.TOPIC_ENCODING, f"the topic {short_repr(frame[:40])} isn't UTF-8") from error


def check_topic(topic: object) -> str:
    """``topic``, if it's a valid one.

    :raises MessageRejectedError: it isn't; AMQP's client leaves one that isn't UTF-8 as bytes
    """
    if not isinstance(topic, str):
        raise MessageRejectedError(
            RejectionReason.TOPIC_ENCODING, f"the topic {short_repr(topic)} isn't UTF-8")
    if not is_topic(topic):
        raise MessageRejectedError(
            RejectionReason.BAD_TOPIC, f"the topic {short_repr(topic)} has {len(topic)} characters, "
                                              f"or some that can't be printed")
    return topic
