from __future__ import annotations

from typing import Any

import pytest

from fmn.settings import BusSettings
from fmn.sources.inbound_filter import InboundFilter
from fmn.sources.rejection import MessageRejectedError, RejectionReason

COPR = "org.fedoraproject.prod.copr.build.end"


def verdict(settings: BusSettings, topic: str, msg: Any = None) -> RejectionReason | None:
    try:
        InboundFilter(settings).check(topic, msg)
    except MessageRejectedError as error:
        return error.reason
    return None


def test_by_default_everything_is_wanted() -> None:
    assert verdict(BusSettings(), "anything.at.all") is None


def test_only_chosen_topics_are_wanted() -> None:
    settings = BusSettings(topics=("org.fedoraproject.prod.*", "io.pagure.*"))

    assert verdict(settings, "io.pagure.prod.pagure.issue.new") is None
    assert verdict(settings, "org.fedoraproject.stg.bodhi.update") is RejectionReason.IGNORED_TOPIC


def test_junk_is_told_by_the_end_of_its_topic() -> None:
    settings = BusSettings(junk_suffixes=("buildsys.tag", "buildsys.untag"))

    assert verdict(settings, "org.fedoraproject.prod.buildsys.tag") is RejectionReason.JUNK
    assert verdict(settings, "org.fedoraproject.prod.buildsys.tag.more") is None


@pytest.mark.parametrize(("msg", "ignored"), [
    ({"user": "mallory", "copr": "spam"}, True),
    ({"user": "alice", "owner": "mallory"}, True),
    ({"user": "alice", "owner": "@spammers"}, True),
    ({"user": "alice", "copr": "mallory/spam"}, True),
    ({"user": "alice", "owner": "alice", "copr": "mallory"}, False),
    ({"user": ["mallory"], "owner": {"name": "mallory"}, "copr": 5}, False),
    ({"user": "Mallory"}, False),
    ({}, False),
    (None, False),
    (["mallory"], False),
])
def test_coprs_of_ignored_owners_are_not_wanted(msg: Any, ignored: bool) -> None:
    settings = BusSettings(ignored_copr_owners=("mallory", "@spammers"))

    assert (verdict(settings, COPR, msg) is RejectionReason.IGNORED_COPR_OWNER) is ignored


def test_other_messages_of_ignored_copr_owners_are_wanted() -> None:
    settings = BusSettings(ignored_copr_owners=("mallory",))

    assert verdict(settings, "org.fedoraproject.prod.buildsys.tag", {"user": "mallory"}) is None
    assert verdict(settings, "copr", {"user": "mallory"}) is None
