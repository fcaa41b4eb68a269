"""Whatever goes wrong below the API's addresses, answered as a problem, whoever noticed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from secrets import token_hex
from typing import Any, Final

import structlog
from pyramid.config import Configurator
from pyramid.exceptions import URLDecodeError
from pyramid.httpexceptions import HTTPBadRequest, HTTPError, HTTPServiceUnavailable
from pyramid.response import Response
from sqlalchemy.exc import InterfaceError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from fmn.directory import DirectoryUnavailableError
from fmn.errors import AttemptLimitError, ConflictError, UserError
from fmn.filters.expression_syntax import ExpressionSyntaxError
from fmn.filters.expressions import MalformedExpressionError
from fmn.filters.rule_types import RuleError
from fmn.matching.deadlines import RequestAbandonedError
from fmn.text import sentence
from webapp.api.all_operations import allowed_methods
from webapp.api.problems import CHALLENGE, KINDS, ApiError, invalid, problem_response
from webapp.auth.bearer import bearer_token
from webapp.filters.preview_lock import BUSY, PreviewBusyError
from webapp.filters.preview_lock import RETRY_AFTER_SECONDS as BUSY_SECONDS
from webapp.rate_limits import RateLimitError, count_refusal
from webapp.request import Request
from webapp.routes import API

log = structlog.get_logger()

PREFIX: Final = "/api/"
#: An address of the API that people know without its prefix.
EVENTS: Final = API["events"]
#: Seconds after which it's worth trying again what is away just now.
RETRY_AFTER_SECONDS: Final = 60

Translate = Callable[[Any, Request], ApiError]


class ApiPredicate:
    """Whether a request is for the API, wherever below that."""

    def __init__(self, wanted: bool, _config: Configurator) -> None:  # noqa: FBT001 - Pyramid calls it
        self._wanted = wanted

    def text(self) -> str:
        """What Pyramid shows of it."""
        return f"api = {self._wanted}"

    phash = text

    def __call__(self, _context: object, request: Request) -> bool:
        # The raw path: one that can't be decoded is an error of its own.
        path = request.environ.get("PATH_INFO", "")
        return (path.startswith(PREFIX) or path == EVENTS) is self._wanted


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view_predicate("api", ApiPredicate)
    config.add_forbidden_view(forbidden, api=True)
    config.add_notfound_view(not_found, api=True)
    for context, translate in TRANSLATIONS.items():
        config.add_exception_view(_view(translate), context=context, api=True)
    config.add_exception_view(failed, context=Exception, api=True)


def _view(translate: Translate) -> Callable[[Any, Request], Response]:
    return lambda error, request: problem_response(request, translate(error, request))


def forbidden(_refused: Exception, request: Request) -> Response:
    """Nobody is told more than what they'd need."""
    if request.identity is None or request.identity.token is None:
        wrong = bearer_token(request) is not None
        detail = ("This token is unknown, revoked or expired. Create a new one." if wrong else
                  "Send a token in the header Authorization: Bearer ….")
        challenge = CHALLENGE + (', error="invalid_token"' if wrong else "")
        return problem_response(request, ApiError(401, detail, headers={"WWW-Authenticate": challenge}))
    return problem_response(request, ApiError(
        403, "The token doesn’t have the required scope.",
        headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope"'}))


def not_found(_missing: Exception, request: Request) -> Response:
    """There's no such address, no such thing there, or nothing that can be done by this method."""
    route = getattr(request, "matched_route", None)
    if route is None or route.name not in API:
        return problem_response(request, ApiError(404, "This API has no such URL."))
    named = allowed_methods(route.name)
    allowed = [*named, *(["HEAD"] if "GET" in named else []), "OPTIONS"]
    headers = {"Allow": ", ".join(allowed)}
    if request.method == "OPTIONS":
        return Response(status=204, headers=headers)
    if request.method in allowed:
        return problem_response(request, ApiError(404, "This doesn’t exist or isn’t yours."))
    return problem_response(request, ApiError(
        405, f"{request.method[:20]} isn’t allowed here. Use {' or '.join(named)}.", headers=headers))


def failed(error: Exception, request: Request) -> Response:
    """Our fault. The id is in the log and in the answer, so that one can be told from the other."""
    incident = token_hex(4)
    route = getattr(request, "matched_route", None)
    log.error(
        "request failed", incident=incident, method=request.method, route=route.name if route else "",
        exc_info=error)
    return problem_response(request, ApiError(500, (
        "Internal error. Nothing was changed. Contact your FMN administrator and include the incident id "
        f"{incident}.")))


def _refused(error: UserError, _request: Request) -> ApiError:
    return invalid(str(error), f"/{error.field}" if error.field else "")


def _limited(error: AttemptLimitError, request: Request) -> ApiError:
    seconds = max(1, ceil((error.retry_at - request.now).total_seconds()))
    return ApiError(429, str(error), headers={"Retry-After": str(seconds)})


def _too_many(error: RateLimitError, _request: Request) -> ApiError:
    count_refusal(error)
    return ApiError(429, str(error), headers={"Retry-After": str(error.seconds)})


def _conflict(_error: ConflictError, request: Request) -> ApiError:
    status = 412 if "If-Match" in request.headers else 409
    return ApiError(
        status, "It was changed after you read it. Read it again and repeat your change.")


def _no_expression(error: ValueError, _request: Request) -> ApiError:
    return invalid(sentence(str(error)), "/expression")


def _unavailable(_error: DirectoryUnavailableError, _request: Request) -> ApiError:
    return ApiError(
        503, "FMN can’t look up package owners right now.", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _away(error: Exception, _request: Request) -> ApiError:
    log.warning("the database doesn't answer", error=type(error).__name__)
    return ApiError(
        503, "FMN’s database doesn’t answer right now. Nothing was changed. Try again later.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _busy(_error: Exception, _request: Request) -> ApiError:
    return ApiError(429, BUSY, headers={"Retry-After": str(BUSY_SECONDS)})


def _nothing(_error: Exception, _request: Request) -> ApiError:
    return ApiError(404, "This doesn’t exist or isn’t yours.")


def _http(error: HTTPError, _request: Request) -> ApiError:
    if error.status_code == HTTPBadRequest.code:
        return ApiError(400, "FMN can’t read the URL or the request body.")
    away = error.status_code == HTTPServiceUnavailable.code
    return ApiError(
        error.status_code if error.status_code in KINDS else 400, sentence(error.detail or error.explanation),
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)} if away else None)


#: How each exception is told.
TRANSLATIONS: Final[Mapping[type[Exception], Translate]] = {
    ApiError: lambda error, _request: error,
    UserError: _refused,
    AttemptLimitError: _limited,
    RateLimitError: _too_many,
    ConflictError: _conflict,
    ExpressionSyntaxError: _no_expression,
    RuleError: _no_expression,
    MalformedExpressionError: _no_expression,
    DirectoryUnavailableError: _unavailable,
    OperationalError: _away,
    InterfaceError: _away,
    PoolTimeoutError: _away,
    PreviewBusyError: _busy,
    RequestAbandonedError: _busy,
    NoResultFound: _nothing,
    URLDecodeError: _nothing,
    HTTPError: _http,
}
