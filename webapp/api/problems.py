"""What the API answers when something can't be done: problem details (:rfc:`9457`), one helpful sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict
from pyramid.response import Response

from webapp.request import Request
from webapp.routes import API

MEDIA_TYPE: Final = "application/problem+json"


class ProblemKind(NamedTuple):
    """A kind of problem: its name in addresses, what it's called, and what to do about it."""

    name: str
    title: str
    help: str


#: Every kind by its status. The API's page explains each under the address that is its ``type``.
KINDS: Final[Mapping[int, ProblemKind]] = {
    400: ProblemKind("malformed", "That can’t be read", (
        "The body isn’t JSON, or the query isn’t UTF-8. The detail says where it stops making sense.")),
    401: ProblemKind("unauthorized", "A token is needed", (
        "Send a token that you made on your account’s page, as Authorization: Bearer …. Cookies don’t count "
        "here, and a token that was revoked or has expired is none.")),
    403: ProblemKind("forbidden", "The token may not do this", (
        "Reading takes a token with the scope read, changing something one with the scope write.")),
    404: ProblemKind("not-found", "There is no such thing", (
        "It isn’t there, not any more, or it isn’t yours.")),
    405: ProblemKind("method-not-allowed", "That can’t be done there", "The header Allow lists what can be."),
    409: ProblemKind("conflict", "It was changed meanwhile", (
        "The version that you sent isn’t the last one. Read it again, and send your change with that one.")),
    412: ProblemKind("precondition-failed", "It was changed meanwhile", (
        "The same, of a version in the header If-Match.")),
    413: ProblemKind("too-large", "That is too much", "The body has more bytes than one may have."),
    415: ProblemKind("unsupported-media-type", "The body isn’t of a known type", (
        "Say Content-Type: application/json, and compress nothing.")),
    422: ProblemKind("invalid", "That can’t be done as it stands", (
        "It can be read but makes no sense. Each of the errors says where and why.")),
    429: ProblemKind("too-many", "That was done too often", (
        "The header Retry-After says in how many seconds it goes again.")),
    500: ProblemKind("failed", "FMN failed", (
        "That is our mistake, nothing was changed. Tell whoever runs FMN what the detail says.")),
    503: ProblemKind("unavailable", "Not just now", (
        "Something that this needs is away. The header Retry-After says when to try again.")),
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
