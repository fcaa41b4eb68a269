"""Whether the mail server lets us in. It isn't given a mail."""

from __future__ import annotations

import time
from typing import Final

from fmn.config_check.results import CheckResults, error_text, failed, ok
from fmn.delivery.contract import ChannelDownError
from fmn.delivery.email.smtp_session import SmtpSession
from fmn.settings import EmailSettings

SUBJECT: Final = "mail server"
#: Seconds until we're in, at most.
TIMEOUT_SECONDS: Final = 10.0


def check(settings: EmailSettings) -> CheckResults:
    """What there is to say of it."""
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
