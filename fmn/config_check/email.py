"""Whether the mail server lets us in. It isn't given a mail."""

from __future__ import annotations

import time
from typing import Final

from fmn.config_check.results import Findings, ok, said, wrong
from fmn.delivery.contract import ChannelDownError
from fmn.delivery.email.smtp_session import Session
from fmn.settings import EmailSettings

THING: Final = "mail server"
#: Seconds until we're in, at most.
PATIENCE: Final = 10.0


def look(settings: EmailSettings) -> Findings:
    """What there is to say of it."""
    try:
        Session(settings, time.monotonic() + min(PATIENCE, settings.timeout_seconds)).close()
    except ChannelDownError as error:
        yield wrong(THING, f"{said(error)}. See fmn.email.host, port, security, username and password")
    else:
        login = f", logged in as {settings.username}" if settings.username else ""
        yield ok(THING, f"{settings.host}:{settings.port}, {_encryption(settings)}{login}")


def _encryption(settings: EmailSettings) -> str:
    return "not encrypted" if settings.security == "none" else settings.security
