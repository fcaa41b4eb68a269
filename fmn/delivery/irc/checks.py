"""Configuration check of the IRC server: connects and negotiates TLS.

It doesn't log in: the nick can be online once only, and the backend may be online with it.
"""

from __future__ import annotations

from typing import Final

from fmn.delivery.irc.settings import IrcSettings
from fmn.infra.connectivity import UnreachableError, connect_tcp, connect_tls
from fmn.settings.check_results import CheckResults, failed, ok

SUBJECT: Final = "IRC server"


def check_server(settings: IrcSettings) -> CheckResults:
    """Whether the IRC server accepts connections."""
    where = f"{settings.host}:{settings.port}"
    try:
        if settings.security == "tls":
            how = connect_tls(settings.host, settings.port, settings.ca_file)
        else:
            connect_tcp(settings.host, settings.port)
            how = "not encrypted"
    except UnreachableError as error:
        yield failed(SUBJECT, f"{where} can't be used: {error} See fmn.irc.host, port, security and ca_file")
    else:
        yield ok(SUBJECT, f"{where}, {how}; whether it lets us in shows when the backend starts")
