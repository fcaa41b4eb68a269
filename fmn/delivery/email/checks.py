"""Configuration check of the mail server: connects, negotiates TLS and logs in; sends no mail."""

from __future__ import annotations

import time
from typing import Final

from fmn.delivery.contract import ChannelDownError
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.smtp_session import SmtpSession
from fmn.settings.check_results import CheckResults, error_text, failed, ok

SUBJECT: Final = "mail server"
#: Seconds for connecting, TLS and login together.
TIMEOUT_SECONDS: Final = 10.0


def check_server(settings: EmailSettings) -> CheckResults:
    """Whether the mail server accepts a connection and FMN's login."""
    try:
        SmtpSession(settings, time.monotonic() + min(TIMEOUT_SECONDS, settings.timeout_seconds)).close()
    except ChannelDownError as error:
        yield failed(
            SUBJECT, f"{error_text(error)}. See fmn.email.host, port, security, username and password")
    else:
        login = f", logged in as {settings.username}" if settings.username else ""
        yield ok(SUBJECT, f"{settings.host}:{settings.port}, {_encryption(settings)}{login}")


def _encryption(settings: EmailSettings) -> str:
    return "not encrypted" if settings.security == "none" else settings.security
