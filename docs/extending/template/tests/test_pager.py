from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fmn.catalog import Message, catalog
from fmn.delivery.contract import (
    ChannelContext,
    ChannelDownError,
    DeliveryError,
    RenderedDelivery,
    RenderedNotification,
    SystemMessage,
)
from fmn.delivery.signed_links import Links
from fmn.infra.public_ids import PublicId
from fmn.settings import Settings
from fmn.settings.check_results import Level
from fmn_pager.about import ABOUT
from fmn_pager.channel import PagerChannel
from fmn_pager.formatter import LONGEST, format_line
from fmn_pager.settings import PagerSettings
from server import PagerServer

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LINKS = Links("https://fmn.example.org", "of the tests")


def item(number: int = 1, summary: str = "mary watered moss") -> RenderedNotification:
    message = Message(f"2026-{number}", "org.example.prod.greenhouse.plant.watered", NOON, {})
    description = replace(catalog().describe(message), summary=summary)
    return RenderedNotification(message, description, "mary", [], [], 1, "My plants", number)


def delivery(*items: RenderedNotification, **more: Any) -> RenderedDelivery:
    return RenderedDelivery("single:1:1", "sam", 1, "4711", items or (item(),), NOON, **more)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PagerServer]:
    with PagerServer(tmp_path / "socket") as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings().with_channels(pager=PagerSettings(socket=tmp_path / "socket"))


@pytest.fixture
def channel(settings: Settings) -> PagerChannel:
    # What a channel doesn't use, a test needn't make.
    nobody: Any = None
    return PagerChannel(ChannelContext(settings, LINKS, {"greenhouse": "Greenhouse"}, nobody, nobody))


def test_numbers_are_read_as_people_write_them() -> None:
    assert ABOUT.parse_address("47 11", Settings()) == "4711"
    with pytest.raises(ValueError, match="“moss” isn’t a pager’s number"):
        ABOUT.parse_address("moss", Settings())


def test_a_single_is_a_line() -> None:
    assert format_line(delivery(), {"greenhouse": "Greenhouse"}, LINKS) == "Greenhouse: mary watered moss"


def test_a_digest_is_a_line_too_however_much_is_in_it() -> None:
    line = format_line(delivery(item(1, "moss " * 100), item(2), more=480), {}, LINKS)
    assert line.startswith("482 notifications, the first: moss moss ")
    assert len(line) <= LONGEST


def test_a_message_that_asks_to_confirm_has_the_code() -> None:
    system_message = SystemMessage("Confirm this address", ["Somebody…"], "Why", PublicId(7), "confirmation")
    code = LINKS.code(PublicId(7))
    assert format_line(delivery(system_message=system_message), {}, LINKS) == f"Confirm this address: {code}"


def test_what_is_delivered_arrives_once(channel: PagerChannel, server: PagerServer) -> None:
    channel.deliver(delivery())
    assert server.pages == [
        {"id": "single:1:1", "number": "4711", "text": "Greenhouse: mary watered moss"}]


def test_a_pager_that_is_not_there_is_told_to_be_gone(channel: PagerChannel, server: PagerServer) -> None:
    server.answer = "no such pager"
    with pytest.raises(DeliveryError) as failed:
        channel.deliver(delivery())
    assert failed.value.address_gone


def test_what_is_refused_for_now_may_be_tried_again(channel: PagerChannel, server: PagerServer) -> None:
    server.answer = "busy"
    with pytest.raises(DeliveryError, match="the pager server refused: busy") as failed:
        channel.deliver(delivery())
    assert not failed.value.permanent


def test_without_a_server_the_channel_is_down(channel: PagerChannel) -> None:
    with pytest.raises(ChannelDownError, match="doesn't answer"):
        channel.deliver(delivery())


def test_the_check_says_whether_the_server_answers(settings: Settings, server: PagerServer) -> None:
    [check] = ABOUT.checks
    [result] = check.run(settings)
    assert (result.level, result.subject) == (Level.OK, "pager server")
    assert server.pages == []


def test_the_check_names_the_setting_of_a_server_that_does_not(settings: Settings) -> None:
    [check] = ABOUT.checks
    [result] = check.run(settings)
    assert result.level is Level.FAILED
    assert result.sentence.endswith("No such file or directory. See fmn.pager.socket")


def test_nothing_is_sent_without_time_left(channel: PagerChannel, server: PagerServer) -> None:
    with pytest.raises(DeliveryError, match="no time left"):
        channel.deliver(delivery(), until=0.0)
    assert server.pages == []
