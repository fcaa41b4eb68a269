"""``fmn sse``: runs the service of the live feed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import socket
from urllib.parse import urlsplit

import click

from fmn.cli.processes import stop_on_signals
from fmn.delivery.sse.about import ABOUT
from fmn.delivery.sse.settings import SseSettings
from fmn.infra.garbage_collection import exempt_imports
from fmn.infra.logs import configure_logging
from fmn.monitoring.process_endpoints import serve_feed_endpoints
from fmn.settings import Settings
from fmn.wiring import Services
from webapp.server import listening
from webapp.stream.serving import raise_file_limit, serve


@click.command()
@click.pass_context
def sse(context: click.Context) -> None:
    """Serve the live feed to browsers and programs (server-sent events).

    Any number of processes may run, on any host.
    """
    settings: Settings = context.obj
    if ABOUT.name not in settings.delivery.channels:
        raise click.ClickException(
            f"the live feed is off: add {ABOUT.name} to fmn.delivery.channels")
    raise_file_limit(SseSettings.of(settings))
    with bound_to("fmn.sse.listen", SseSettings.of(settings).listen) as bound:
        configure_logging(settings.log)
        services = Services(settings)
        serve_feed_endpoints(services)
        exempt_imports()
        serve(services, bound, stop_on_signals())


@contextmanager
def bound_to(setting: str, address: str) -> Iterator[socket]:
    """Socket at a setting's address.

    :raises click.ClickException: the address can't be used
    """
    parts = urlsplit(f"//{address}")
    with ExitStack() as opened:
        try:
            bound = opened.enter_context(listening(parts.hostname or "", parts.port or 0))
        except OSError as error:
            raise click.ClickException(f"{setting} = {address} can't be used: {error.strerror}") from error
        yield bound
