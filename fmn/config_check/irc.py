"""Whether the IRC server is there. Nobody logs in: our nick is there once, and may be there already."""

from __future__ import annotations

from typing import Final

from fmn.config_check.connectivity import UnreachableError, connect_tcp, connect_tls
from fmn.config_check.results import CheckResults, failed, ok
from fmn.settings import IrcSettings

SUBJECT: Final = "IRC server"


def check(settings: IrcSettings) -> CheckResults:
    """What there is to say of it."""
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
