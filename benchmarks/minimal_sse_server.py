"""The least that a live feed can be: each event that is posted goes to all who listen, from memory."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

queues: set[asyncio.Queue[str]] = set()


async def listen(_request: Request) -> Response:
    """A stream of all events."""
    return EventSourceResponse(_events())


async def _events() -> AsyncIterator[dict[str, str]]:
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    try:
        while True:
            yield {"data": await queue.get()}
    finally:
        queues.discard(queue)


async def tell(request: Request) -> Response:
    """Tell an event to all."""
    text = (await request.body()).decode()
    for queue in queues:
        queue.put_nowait(text)
    return PlainTextResponse("told\n")


async def live(_request: Request) -> Response:
    """Whether it answers, and how many listen."""
    return PlainTextResponse(f"{len(queues)}\n")


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[
            Route("/listen", listen), Route("/tell", tell, methods=["POST"]), Route("/healthz", live)]),
        port=int(sys.argv[1]), log_level="warning")
