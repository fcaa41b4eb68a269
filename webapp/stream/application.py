"""ASGI application of the live feed; ``/user/NICK`` is a stream, as in FMN 2."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from secrets import token_hex
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from fmn.delivery.sse.settings import SseSettings
from fmn.settings import Settings
from fmn.wiring import Services
from webapp.api.problems import MEDIA_TYPE, ApiError, problem_of
from webapp.client_address import client_network
from webapp.stream.authentication import StreamAuthenticator
from webapp.stream.broadcaster import RETRY_AFTER_SECONDS, Broadcaster, StreamReader
from webapp.stream.event_format import LINE_END, heartbeat, stream_start
from webapp.stream.stream_urls import url_origin

log = structlog.get_logger()

#: With proxies' buffers an event would come when the next ones do; Nginx goes by what sse-starlette adds.
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-cache, no-transform", "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer"}
#: Where a client that can't send Last-Event-ID may say it.
LAST_EVENT_ID: Final = "last_event_id"
#: Seconds that a stream has to end by itself when the server stops.
SHUTDOWN_GRACE_SECONDS: Final = 2


class Stream(EventSourceResponse):
    """Streaming response of one reader, who is removed when it ends for any reason."""

    def __init__(
        self, broadcaster: Broadcaster, reader: StreamReader, first: bytes, heartbeat_seconds: float,
    ) -> None:
        super().__init__(
            self._chunks(first), headers=HEADERS, ping=heartbeat_seconds, ping_message_factory=heartbeat,
            sep=LINE_END, shutdown_grace_period=SHUTDOWN_GRACE_SECONDS)
        self._broadcaster, self._reader = broadcaster, reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._broadcaster.leave(self._reader)

    async def _chunks(self, first: bytes) -> AsyncIterator[bytes]:
        yield first
        async for chunk in self._broadcaster.events(self._reader):
            yield chunk


class StreamService:
    """Routes of the live feed. Errors are problem details, as in the API."""

    def __init__(self, services: Services, *, trial: bool = False) -> None:
        self._settings = services.settings
        self._authenticator = StreamAuthenticator(services, trial=trial)
        self.broadcaster = Broadcaster(
            services.database, SseSettings.of(services.settings), self._authenticator)

    async def listen(self, request: Request) -> Response:
        """The stream of the authenticated person."""
        network = self._network(request)
        self.broadcaster.check_capacity(network=network)
        peer = request.client.host if request.client else ""
        credentials = await self.broadcaster.in_admission_thread(
            self._authenticator.authenticate, request.headers, request.path_params["nick"], peer, network)
        self.broadcaster.check_capacity(credentials.preference_id, network)
        last_event_id = request.headers.get("Last-Event-ID") or request.query_params.get(LAST_EVENT_ID)
        place, last = await self.broadcaster.resume_point(credentials.preference_id, last_event_id)
        reader = self.broadcaster.join(credentials, place.number, last, network)
        return Stream(
            self.broadcaster, reader, stream_start(credentials.preference_id, place),
            SseSettings.of(self._settings).heartbeat_seconds)

    def _network(self, request: Request) -> str | None:
        """The client's network; ``None`` if a proxy doesn't pass it on."""
        host = request.client.host if request.client else None
        return None if host in SseSettings.of(self._settings).trusted_proxies else client_network(host)

    async def live(self, _request: Request) -> Response:
        """Liveness probe."""
        return PlainTextResponse("alive\n")

    def refused(self, _request: Request, error: Exception) -> Response:
        """Error response as problem details."""
        assert isinstance(error, ApiError)
        problem = problem_of(error, self._settings.web.base_url)
        return Response(
            problem.model_dump_json(), error.status, {**HEADERS, **error.headers}, MEDIA_TYPE)

    def unknown_address(self, request: Request, error: Exception) -> Response:
        """404 for unknown paths and 405 for unsupported methods."""
        assert isinstance(error, HTTPException)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            told = ApiError(405, "Use GET to read this stream.", headers=error.headers)
        else:
            told = ApiError(404, "Not found. Streams are at /user/ followed by the owner’s account name.")
        return self.refused(request, told)

    def unavailable(self, request: Request, error: Exception) -> Response:
        """503 while the database is unavailable."""
        log.warning("the database doesn't answer", error=str(error))
        return self.refused(request, ApiError(
            503, "The database is unavailable. Try again later.",
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)}))

    def failed(self, request: Request, error: Exception) -> Response:
        """500 with an incident id; Starlette raises the error again, so that the server logs it."""
        incident = token_hex(4)
        log.error("request failed", incident=incident, exc_info=error)
        return self.refused(request, ApiError(500, (
            "Internal error. Contact your FMN administrator and include the incident id "
            f"{incident}.")))

    @asynccontextmanager
    async def lifespan(self, _application: Starlette) -> AsyncIterator[None]:
        """Run the broadcaster as long as the server runs."""
        broadcasting = asyncio.create_task(self.broadcaster.run())
        yield
        broadcasting.cancel()
        await asyncio.wait([broadcasting])
        self.broadcaster.dispose()

    def application(self) -> Starlette:
        """Build the ASGI application."""
        return Starlette(
            routes=[Route("/user/{nick}", self.listen), Route("/healthz", self.live)],
            middleware=[Middleware(
                CORSMiddleware, allow_origins=allowed_origins(self._settings), allow_credentials=True,
                allow_headers=["Authorization", "Last-Event-ID"])],
            exception_handlers={
                ApiError: self.refused, HTTPException: self.unknown_address,
                SQLAlchemyError: self.unavailable, Exception: self.failed},
            lifespan=self.lifespan)


def allowed_origins(settings: Settings) -> list[str]:
    """Whose pages may listen as whoever looks at them: the web app's, and those that the settings name."""
    return [url_origin(settings.web.base_url), *SseSettings.of(settings).allowed_origins]
