"""Local mailbox: an SMTP server on loopback that stores mails in a Maildir."""

from __future__ import annotations

import mailbox
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from fmn.demo.ports import free_port

MailCallback = Callable[[str, EmailMessage], None]


def open_mailbox(directory: Path) -> mailbox.Maildir:
    """Open or create the mailbox in ``directory``."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(directory)


def read_mails(directory: Path) -> list[tuple[str, EmailMessage]]:
    """All mails in the mailbox by key, oldest first."""
    box = open_mailbox(directory)
    keys = sorted(box.keys(), key=lambda key: box[key].get_date())
    return [(key, _parsed(box.get_bytes(key))) for key in keys]


class _Handler:
    def __init__(self, box: mailbox.Maildir, arrived: MailCallback) -> None:
        self._box = box
        self._arrived = arrived

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self._box.add(envelope.content)
        for recipient in envelope.rcpt_tos:
            self._arrived(recipient, _parsed(envelope.content))
        return "250 Kept"


def _parsed(content: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(content)


@contextmanager
def mail_server(directory: Path, port: int, arrived: MailCallback) -> Iterator[int]:
    """Run the server; yields its port, a free one if ``port`` is 0. Calls ``arrived`` for each mail."""
    port = port or free_port()
    controller = Controller(_Handler(open_mailbox(directory), arrived), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
