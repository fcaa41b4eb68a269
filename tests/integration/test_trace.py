"""One message in the JSON logs of all processes, from the bus to what the mail server calls it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from fmn.delivery.email.settings import EmailSettings
from fmn.infra.logs import configure_logging
from fmn.settings import BusSettings, DatabaseSettings, LogSettings, Settings, WebSettings
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.wire_frames import encode_frames
from fmn.wiring import Services
from tests.factories.buses import MemoryBus
from tests.factories.consumers import fedmsg_consumer
from tests.factories.databases import tables_in
from tests.factories.logging import logging_put_back
from tests.factories.matching import match
from tests.factories.messages import NOON
from tests.factories.people import make_person
from tests.servers.smtp import SmtpServer


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Where all logs go to, as in production."""
    stream = io.StringIO()
    with logging_put_back():
        configure_logging(LogSettings(format="json"), stream)
        yield stream


def test_a_message_can_be_followed_from_the_bus_to_the_mail_server(
    logged: io.StringIO, tmp_path: Path,
) -> None:
    msg_id = "2026-5d3f0f0c-0e8a-4c67-93bd-1f1f5a0c0001"
    build = {
        "topic": "org.fedoraproject.prod.buildsys.build.state.change", "msg_id": msg_id,
        "timestamp": int(NOON.timestamp()),
        "msg": {"name": "kernel", "version": "6.9", "release": "1.fc40", "owner": "bob", "new": 1, "old": 0,
                "build_id": 1, "instance": "primary", "attribute": "state"}}
    with (
        tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database, SmtpServer(tmp_path) as server,
    ):
        services = Services(Settings(
            database=DatabaseSettings(url=database.url), web=WebSettings(secret="of the tests"),
        ).with_channels(email=EmailSettings(host=server.host, port=server.port)))
        make_person(database, packages=["kernel"])
        # When the consumer, a worker and a backend each do their part
        message_parser = MessageParser.from_settings(BusSettings(validate_signatures=False))
        ids: list[int] = []
        fedmsg_consumer(MemoryBus([encode_frames(build)]), message_parser, database, ids.extend).run(Event())
        found = match(services.batch_matcher, ids)
        services.backend.deliver("email", found["email"])
        services.backend.close()
        services.database.close()
    # Then each of them has a line with the bus's name of the message
    lines: list[dict[str, Any]] = [json.loads(line) for line in logged.getvalue().splitlines()]
    about = {line["event"]: line for line in lines if msg_id in json.dumps(line)}
    assert list(about) == ["messages stored", "messages matched", "deliveries recorded"]
    assert about["messages matched"]["concerned"] == {msg_id: 1}
    # And the last one what the mail is known by, and what the mail server said to it
    [mail] = server.mails
    [delivery] = about["deliveries recorded"]["deliveries"]
    assert delivery["msg_ids"] == [msg_id]
    assert delivery["message_id"] == mail.message["Message-ID"]
    assert delivery["answer"].startswith("250 ")
