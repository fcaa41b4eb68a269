from __future__ import annotations

import pytest

from fmn.sources.rejection import MessageRejectedError, RejectionReason
from fmn.sources.topics import LONGEST_TOPIC, decode_topic, is_topic, topic_prefixes


@pytest.mark.parametrize(("pattern", "topic", "matches"), [
    ("*", "org.fedoraproject.prod.bodhi.update", True),
    ("", "org.fedoraproject.prod.bodhi.update", True),
    ("org.fedoraproject.prod.bodhi.*", "org.fedoraproject.prod.bodhi.update.comment", True),
    ("org.fedoraproject.prod.bodhi.*", "org.fedoraproject.prod.bodhiX.y", False),
    ("org.fedoraproject.prod.bodhi*", "org.fedoraproject.prod.bodhiX.y", True),
    ("org.fedoraproject.prod.bodhi.update", "org.fedoraproject.prod.bodhi.update.comment", True),
    ("io.pagure.*", "org.fedoraproject.prod.bodhi.update", False),
])
def test_a_pattern_is_a_prefix_once_its_stars_are_deleted(pattern: str, topic: str, matches: bool) -> None:
    assert topic.startswith(topic_prefixes([pattern])) is matches


def test_no_pattern_at_all_means_everything() -> None:
    assert topic_prefixes([]) == ("",)


@pytest.mark.parametrize("text", ["", "a\0b", "a\nb", "a\ud800", "a" * (LONGEST_TOPIC + 1)])
def test_a_topic_is_short_and_printable(text: str) -> None:
    assert not is_topic(text)


def test_a_topic_may_have_any_letters() -> None:
    assert decode_topic("org.exämple.prod.bücher".encode()) == "org.exämple.prod.bücher"


@pytest.mark.parametrize(("frame", "reason"), [
    (b"org.\xff", RejectionReason.TOPIC_ENCODING),
    ("a\ud800".encode("utf-8", "surrogatepass"), RejectionReason.TOPIC_ENCODING),
    (b"", RejectionReason.BAD_TOPIC),
    (b"a\0b", RejectionReason.BAD_TOPIC),
    (b"a" * 10 ** 6, RejectionReason.BAD_TOPIC),
])
def test_a_frame_that_is_no_topic_is_refused(frame: bytes, reason: RejectionReason) -> None:
    with pytest.raises(MessageRejectedError) as rejected:
        decode_topic(frame)

    assert rejected.value.reason is reason
    assert len(rejected.value.detail) < 300
