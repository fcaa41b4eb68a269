"""The mail server that benchmarks hand mails to."""

from __future__ import annotations

import socket

import pytest

from benchmarks.discarding_mail_server import Sink

ENVELOPE = b"MAIL FROM:<fmn@example.org>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n"
MAIL = b"Subject: moss\r\n\r\nIt grows.\r\n.\r\n"


@pytest.mark.parametrize("thinking", [0.0, 0.005])
def test_answers_pipelined_mails_in_order(thinking: float) -> None:
    with Sink(thinking) as sink, socket.create_connection((sink.host, sink.port), timeout=30) as client:
        # When the next mail's commands are sent behind a mail
        client.sendall(ENVELOPE + MAIL + ENVELOPE + MAIL + b"QUIT\r\n")

        # Then they are answered after it
        answers = _until_bye(client)
    assert [line[:3] for line in answers.splitlines()] == [
        b"220", *[b"250", b"250", b"354", b"250"] * 2, b"221"]


def _until_bye(client: socket.socket) -> bytes:
    answers = b""
    while b"221 " not in answers:
        answers += client.recv(4096)
    return answers
