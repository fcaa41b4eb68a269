from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog

from fmn.infra.logs import configure_logging
from fmn.settings import LogSettings
from tests.factories.logging import logging_put_back

FAILING = """
import warnings
from fmn.infra.logs import configure_logging
from fmn.settings import LogSettings
configure_logging(LogSettings(format="json"))
warnings.warn("odd")
1 / 0
"""


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    with logging_put_back():
        yield


def configured(
    format: Literal["console", "json"] = "json",  # noqa: A002 - the setting's name
    level: Literal["debug", "info", "warning"] = "info",
) -> io.StringIO:
    """Where logs go to now."""
    stream = io.StringIO()
    configure_logging(LogSettings(format=format, level=level), stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail_with_a_secret() -> None:
    password = "hunter2"
    if password:
        raise ConnectionError("mail server away")


class TestJson:
    def test_an_event_is_a_line_with_its_data(self) -> None:
        stream = configured()
        structlog.get_logger().info("delivery recorded", delivery=7, reason='Ümläut "\n\0', to=("a", "b"))
        (line,) = lines(stream)
        assert (line["event"], line["level"], line["logger"]) == ("delivery recorded", "info", __name__)
        assert (line["delivery"], line["reason"], line["to"]) == (7, 'Ümläut "\n\0', ["a", "b"])
        assert line["timestamp"].endswith("Z")

    def test_what_is_no_json_is_shown_nevertheless(self) -> None:
        stream = configured()
        structlog.get_logger().info("odd", raw=b"\xff", what=object, some={1})
        (line,) = lines(stream)
        assert "xff" in line["raw"]

    def test_an_exception_is_a_part_of_its_line(self) -> None:
        stream = configured()
        try:
            fail_with_a_secret()
        except ConnectionError:
            structlog.get_logger().exception("channel failed", context="email")
        (line,) = lines(stream)
        (exception,) = line["exception"]
        assert (exception["exc_type"], exception["exc_value"]) == ("ConnectionError", "mail server away")
        assert exception["frames"][-1]["name"] == "fail_with_a_secret"
        assert line["context"] == "email"
        assert "hunter2" not in stream.getvalue()

    def test_libraries_log_in_the_same_way(self) -> None:
        stream = configured()
        try:
            fail_with_a_secret()
        except ConnectionError:
            logging.getLogger("sqlalchemy.pool").exception("lost %s", "it")
        (line,) = lines(stream)
        assert (line["event"], line["level"], line["logger"]) == ("lost it", "error", "sqlalchemy.pool")
        assert line["exception"][0]["exc_type"] == "ConnectionError"
        assert "hunter2" not in stream.getvalue()


    def test_what_ends_a_thread_is_a_line(self) -> None:
        stream = configured()
        thread = threading.Thread(target=fail_with_a_secret, name="storer")
        thread.start()
        thread.join()
        (line,) = lines(stream)
        assert (line["event"], line["thread"]) == ("thread ended by an exception", "storer")
        assert line["exception"][0]["exc_type"] == "ConnectionError"

    def test_what_ends_a_process_is_a_line(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", FAILING], capture_output=True, text=True, check=False)
        warned, failed = map(json.loads, done.stderr.splitlines())
        assert "odd" in warned["event"]
        assert failed["exception"][0]["exc_type"] == "ZeroDivisionError"
        assert done.returncode == 1


class TestConsole:
    def test_an_event_can_be_read_at_a_glance(self) -> None:
        stream = configured("console")
        structlog.get_logger().warning("database away", messages=3)
        (line,) = stream.getvalue().splitlines()
        assert "warning" in line
        assert "database away" in line
        assert "messages=3" in line
        assert "\x1b" not in line

    def test_an_exception_follows_with_its_traceback(self) -> None:
        stream = configured("console")
        try:
            fail_with_a_secret()
        except ConnectionError:
            structlog.get_logger().exception("channel failed")
        assert "channel failed" in stream.getvalue().splitlines()[0]
        assert stream.getvalue().splitlines()[-1] == "ConnectionError: mail server away"
        # the line of code is in it, but no value of a variable
        assert stream.getvalue().count("hunter2") == 0

    def test_nothing_that_somebody_wrote_forges_a_line_or_moves_the_cursor(self) -> None:
        stream = configured("console")
        structlog.get_logger().info("message refused", topic="a\nforged", nick="\x1b[2J", size=3)
        logging.getLogger("library").warning("server said %s", "no\r\nforged\x1b]0;title\x07")
        text = stream.getvalue()
        assert len(text.splitlines()) == 2
        assert text.replace("\n", "").isprintable()
        assert all(shown in text for shown in ("forged", "x1b[2J", "size=3", "server said no"))


class TestLevels:
    def test_what_is_below_the_level_is_left_out(self) -> None:
        stream = configured(level="warning")
        structlog.get_logger().info("not this")
        logging.getLogger("fmn.other").info("nor this")
        structlog.get_logger().warning("this")
        assert [line["event"] for line in lines(stream)] == ["this"]

    def test_libraries_say_only_what_is_wrong(self) -> None:
        stream = configured(level="debug")
        for name in ("apscheduler.scheduler", "pika.connection", "httpx"):
            logging.getLogger(name).info("all is well")
            logging.getLogger(name).warning("something is wrong")
        structlog.get_logger().debug("our own")
        events = [line["event"] for line in lines(stream)]
        assert events == ["something is wrong"] * 3 + ["our own"]

    def test_a_connection_that_is_made_anew_is_no_news(self) -> None:
        stream = configured()
        logging.getLogger("pika.adapters.base_connection").error("connection_lost")
        assert lines(stream) == []

    def test_configuring_again_does_not_say_everything_twice(self) -> None:
        configured()
        stream = configured()
        structlog.get_logger().info("once")
        assert len(lines(stream)) == 1
