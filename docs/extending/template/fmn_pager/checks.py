"""Configuration check of the pager server: connects, and sends nothing."""

from __future__ import annotations

import socket

from fmn.settings.check_results import CheckResults, failed, ok

from fmn_pager.settings import PagerSettings

SUBJECT = "pager server"


def check_server(settings: PagerSettings) -> CheckResults:
    """Whether the pager server accepts connections."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(settings.timeout_seconds)
            connection.connect(str(settings.socket))
    except OSError as error:
        reason = error.strerror or error
        yield failed(SUBJECT, f"{settings.socket} doesn't answer: {reason}. See fmn.pager.socket")
    else:
        yield ok(SUBJECT, f"{settings.socket} answers")
