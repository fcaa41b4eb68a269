"""What the API answers when something can't be done: problem details (:rfc:`9457`), one helpful sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict
from pyramid.response import Response

from webapp.request import Request
from webapp.routes import API

#: What 401 and 403 say of how one proves who one is.
CHALLENGE: Final = 'Bearer realm="FMN"'
MEDIA_TYPE: Final = "application/problem+json"


class ProblemKind(NamedTuple):
    """A kind of problem: its name in addresses, what it's called, and what to do about it."""

    name: str
    title: str
    help: str


#: Every kind by its status. The API's page explains each under the address that is its ``type``.
KINDS: Final[Mapping[int, ProblemKind]] = {
    400: ProblemKind("malformed", "Bad request", (
        "The body isn’t JSON, the query isn’t UTF-8, or an event is invalid. The detail says where the error "
        "is.")),
    401: ProblemKind("unauthorized", "Authentication required", (
        "Send a token in the header Authorization: Bearer …. Create one on your account page. Cookies and "
        "revoked or expired tokens don’t work.")),
    403: ProblemKind("forbidden", "Not allowed", (
        "Reading needs a token with the scope read, changing something the scope write, publishing events "
        "the scope publish of an administrator’s token. Only its editors and administrators can change the "
        "filters of a group.")),
    404: ProblemKind("not-found", "Not found", (
        "It doesn’t exist, was deleted, or isn’t yours.")),
    405: ProblemKind("method-not-allowed", "Method not allowed", (
        "The header Allow lists the allowed methods.")),
    409: ProblemKind("conflict", "Conflict", (
        "The version you sent is outdated. Read the resource again and repeat your change.")),
    412: ProblemKind("precondition-failed", "Precondition failed", (
        "The version in the header If-Match is outdated. Read the resource again and repeat your change.")),
    413: ProblemKind("too-large", "Body too large", "The body exceeds the size limit. Send a smaller one."),
    415: ProblemKind("unsupported-media-type", "Unsupported media type", (
        "Send Content-Type: application/json, without compression.")),
    422: ProblemKind("invalid", "Invalid values", (
        "The request is well-formed, but some values are invalid. Each of the errors gives the field and the "
        "reason.")),
    429: ProblemKind("too-many", "Too many requests", (
        "The header Retry-After gives the seconds to wait before trying again.")),
    500: ProblemKind("failed", "Internal error", (
        "Nothing was changed. Contact your FMN administrator and include the incident id in the detail.")),
    503: ProblemKind("unavailable", "Service unavailable", (
        "A service that FMN needs is unavailable. The header Retry-After gives the seconds to wait.")),
}


class Error(BaseModel):
    """One thing that is wrong. ``place`` is a JSON pointer into the body, or a parameter’s name."""

    model_config = ConfigDict(frozen=True)

    place: str
    detail: str


class Problem(BaseModel):
    """Why something wasn’t done. ``type`` leads to what to do about it."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    errors: list[Error] = []


class ApiError(Exception):
    """It isn't done; the text says why. ``errors`` are all that is wrong, if it's several or has a place."""

    def __init__(
        self, status: int, detail: str, errors: Sequence[Error] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def invalid(detail: str, place: str = "") -> ApiError:
    """Something makes no sense."""
    return ApiError(422, detail, [Error(place=place, detail=detail)] if place else ())


def problem_of(error: ApiError, base_url: str) -> Problem:
    """The error as a problem of the web app that is reached at this address."""
    kind = KINDS[error.status]
    return Problem(
        type=f"{base_url.rstrip('/')}{API['api']}#{kind.name}", title=kind.title, status=error.status,
        detail=error.detail, errors=list(error.errors))


def problem_response(request: Request, error: ApiError) -> Response:
    """The error as it's sent."""
    problem = problem_of(error, request.services.settings.web.base_url)
    response = Response(
        problem.model_dump_json(), status=error.status, content_type=MEDIA_TYPE, charset="UTF-8")
    response.headers.update(error.headers)
    return response
