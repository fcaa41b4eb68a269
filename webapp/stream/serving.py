"""Server of the live feed on a bound socket."""

from __future__ import annotations

import resource
import socket
from threading import Event
from typing import Final

import uvicorn

from fmn.delivery.sse.settings import SseSettings
from fmn.infra import metrics
from fmn.settings import SettingsError
from fmn.wiring import Services
from webapp.stream.application import SHUTDOWN_GRACE_SECONDS, StreamService
from webapp.stream.broadcaster import Broadcaster

#: Seconds after which the connections of those who don't read are cut at a stop.
STOP_WITHIN: Final = SHUTDOWN_GRACE_SECONDS + 1
#: File descriptors that a process has besides those of its readers.
OTHER_FILES: Final = 64


def serve(services: Services, bound: socket.socket, stop: Event, *, trial: bool = False) -> None:
    """Serve on this socket until ``stop`` is set. Streams end then, and clients reconnect later.

    ``trial`` is as for :func:`webapp.application`.
    """
    service = StreamService(services, trial=trial)
    server = _Server(service.broadcaster, stop, uvicorn.Config(
        service.application(), lifespan="on", loop="asyncio", ws="none", log_config=None, access_log=False,
        proxy_headers=True, forwarded_allow_ips=list(SseSettings.of(services.settings).trusted_proxies),
        server_header=False, timeout_graceful_shutdown=STOP_WITHIN))
    server.run(sockets=[bound])
    if service.broadcaster.failure is not None:
        raise service.broadcaster.failure


class _Server(uvicorn.Server):
    """Uvicorn server that ends all streams before it stops, on request or when the broadcaster fails."""

    def __init__(self, broadcaster: Broadcaster, stop: Event, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._broadcaster, self._stop = broadcaster, stop

    async def on_tick(self, counter: int) -> bool:
        metrics.loop_timestamp.labels("sse").set_to_current_time()
        if self._stop.is_set() or self._broadcaster.failure is not None:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._broadcaster.close()
        await super().shutdown(sockets)


def raise_file_limit(settings: SseSettings) -> None:
    """Raise the process's limit of file descriptors to one for each reader.

    Raises :class:`~fmn.settings.SettingsError` if the system doesn't allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.most_readers + OTHER_FILES
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SettingsError(
            f"fmn.sse.most_readers = {settings.most_readers} takes {wanted} file descriptors, and this "
            f"process may have {hard}: allow it more (LimitNOFILE in systemd), or say less")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
