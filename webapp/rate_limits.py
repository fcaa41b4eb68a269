"""Rate limits of requests: per signed-in person, else per client network.

Each request is counted after routing and before its view runs. Requests over a limit get 429 with a sentence
and Retry-After. Without Redis each process counts by itself, so that nobody is refused for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from math import ceil
from typing import Final

from pyramid.config import Configurator
from pyramid.events import ContextFound
from pyramid.renderers import render_to_response
from pyramid.response import Response

from fmn.infra import metrics
from fmn.infra.token_buckets import TakeResult
from fmn.settings.request_limits import LimitSettings, RateLimit
from fmn.translations import gettext, mark
from webapp.client_address import client_network
from webapp.concurrency_limits import ClosingIterator, ConcurrencyLimiter
from webapp.request import Request
from webapp.request_costs import SUPERSEDE_OLDER, Cost, cost_of

#: Seconds after which a request may be tried again for which too many others were in progress.
RETRY_AFTER_SECONDS: Final = 1
#: Of one person at a time, in a process: each keeps it busy, and others' pages wait for that.
MAX_CONCURRENT_COSTLY: Final = 1
#: Names of limits that aren't a kind of request, as settings have them.
ANONYMOUS: Final = "anonymous"
AT_ONCE: Final = "at_once"
HOOKS: Final = "hooks"
#: The route that forges call.
HOOK: Final = "hook"

PERSON_LIMIT_MESSAGE: Final = mark(
    "You have sent too many requests, counting all your browsers and programs. "
    "Try again in {seconds} s.")
ADDRESS_LIMIT_MESSAGE: Final = mark(
    "Your network address has sent too many requests without signing in. "
    "Sign in, or try again in {seconds} s.")
EVENTS_LIMIT_MESSAGE: Final = mark(
    "This token has published too often. Send events in batches, or try again in {seconds} s.")
LINKS_LIMIT_MESSAGE: Final = mark(
    "Your network address has opened too many links. Try again in {seconds} s.")
HOOKS_LIMIT_MESSAGE: Final = mark(
    "Your network address has called webhooks too often. Try again in {seconds} s.")
CONCURRENCY_MESSAGE: Final = mark(
    "Several of your requests are still in progress. Try again when they are done.")


class RateLimitError(Exception):
    """Request over a limit; the text says when to try again.

    ``limit`` is the name of the setting, ``seconds`` the time to wait.
    """

    def __init__(self, sentence: str, limit: str, seconds: int) -> None:
        super().__init__(sentence)
        self.limit, self.seconds = limit, seconds


def includeme(config: Configurator) -> None:
    """Count every request and add the error view."""
    config.registry.concurrency_limiter = ConcurrencyLimiter()
    config.add_subscriber(check_limits, ContextFound)
    config.add_exception_view(too_many, context=RateLimitError)


def check_limits(event: ContextFound) -> None:
    """Count a request. Raises :class:`RateLimitError` if it's over a limit."""
    request: Request = event.request
    route = getattr(request, "matched_route", None)
    name = route.name if route else ""
    if name == HOOK:  # before its body is looked at
        rate = request.services.settings.hooks.per_address
        _count_request(request, HOOKS, f"{HOOKS}:{_network(request)}", rate, HOOKS_LIMIT_MESSAGE)
        return
    cost = cost_of(name, request.method, request.GET, request.POST)
    if cost is Cost.FREE:
        return
    limits = request.services.settings.limits
    if cost is Cost.LINKS:
        _count_request(request, cost, f"{cost}:{_network(request)}", limits.links, LINKS_LIMIT_MESSAGE)
        return
    if request.identity is None:
        network = _network(request)
        _count_request(request, ANONYMOUS, f"{ANONYMOUS}:{network}", limits.anonymous, ADDRESS_LIMIT_MESSAGE)
        _acquire(request, [(f"address {network}", limits.anonymous_at_once)])
        return
    user_id = request.identity.user_id
    if cost is Cost.EVENTS and (token := request.identity.token) is not None:
        _count_request(request, cost, f"{cost}:{token.token_id}", limits.events, EVENTS_LIMIT_MESSAGE)
        _acquire(request, [(f"token {token.token_id}", limits.at_once)])
        return
    _count_request(request, cost, f"{cost}:{user_id}", _rate(limits, cost), PERSON_LIMIT_MESSAGE)
    _acquire(request, [
        (f"person {user_id}", limits.at_once),
        *([(f"costly {user_id}", MAX_CONCURRENT_COSTLY)] if cost is Cost.COSTLY
            and name not in SUPERSEDE_OLDER else [])])


def _network(request: Request) -> str:
    # The connection's, as waitress has it: the proxy's word counts where it's trusted, and nobody else's.
    # WebOb's client_addr would believe whatever a request says.
    return client_network(request.remote_addr)


def _rate(limits: LimitSettings, cost: Cost) -> RateLimit:
    return {
        Cost.READS: limits.reads, Cost.WRITES: limits.writes, Cost.COSTLY: limits.costly,
        Cost.EVENTS: limits.events}[cost]


def _count_request(request: Request, limit: str, key: str, rate: RateLimit, sentence: str) -> None:
    taken = request.services.buckets.take(key, rate)
    request.add_response_callback(_rate_limit_headers(limit, rate, taken))
    if taken.wait:
        seconds = ceil(taken.wait)
        raise RateLimitError(gettext(sentence).format(seconds=seconds), limit, seconds)


def _rate_limit_headers(
    limit: str, rate: RateLimit, taken: TakeResult,
) -> Callable[[Request, Response], None]:
    """Add RateLimit headers (draft-ietf-httpapi-ratelimit-headers)."""
    def add(_request: Request, response: Response) -> None:
        response.headers["RateLimit-Policy"] = f'"{limit}";q={rate.amount};w={rate.seconds}'
        response.headers["RateLimit"] = f'"{limit}";r={taken.remaining};t={ceil(taken.reset)}'

    return add


def _acquire(request: Request, wanted: Sequence[tuple[str, int]]) -> None:
    concurrency_limiter: ConcurrencyLimiter = request.registry.concurrency_limiter
    request.concurrency_keys = []
    request.add_finished_callback(_release)
    for who, most in wanted:
        if not concurrency_limiter.acquire(who, most):
            raise RateLimitError(gettext(CONCURRENCY_MESSAGE), AT_ONCE, RETRY_AFTER_SECONDS)
        request.concurrency_keys.append(who)


def _release(request: Request) -> None:
    concurrency_limiter: ConcurrencyLimiter = request.registry.concurrency_limiter
    for who in request.concurrency_keys:
        concurrency_limiter.release(who)


def release_when_sent(request: Request, pieces: Iterator[bytes]) -> Iterable[bytes]:
    """Streaming response body that keeps its request in progress until it's sent."""
    concurrency_limiter: ConcurrencyLimiter = request.registry.concurrency_limiter
    concurrency_keys, request.concurrency_keys = request.concurrency_keys, []
    return ClosingIterator(pieces, [partial(concurrency_limiter.release, who) for who in concurrency_keys])


def count_refusal(error: RateLimitError) -> None:
    """Count a refusal in the metrics."""
    metrics.requests_refused.labels(error.limit).inc()


def too_many(error: RateLimitError, request: Request) -> Response:
    """Error page for 429. It queries no database, because whoever sends too much gets it often."""
    count_refusal(error)
    response = render_to_response("too_many.mako", {"sentence": str(error)}, request=request)
    response.status = 429
    response.headers["Retry-After"] = str(error.seconds)
    return response
