"""Whether the IRC server is there. Nobody logs in: our nick is there once, and may be there already."""

from __future__ import annotations

from typing import Final

from fmn.config_check.connectivity import UnreachableError, reach, reach_by_tls
from fmn.config_check.results import Findings, ok, wrong
from fmn.settings import IrcSettings

THING: Final = "IRC server"


def look(settings: IrcSettings) -> Findings:
    """What there is to say of it."""
    where = f"{settings.host}:{settings.port}"
    try:
        if settings.security == "tls":
            how = reach_by_tls(settings.host, settings.port, settings.ca_file)
        else:
            reach(settings.host, settings.port)
            how = "not encrypted"
    except UnreachableError as error:
        yield wrong(THING, f"{where} can't be used: {error} See fmn.irc.host, port, security and ca_file")
    else:
        yield ok(THING, f"{where}, {how}; whether it lets us in shows when the backend starts")
