"""Reading what a program sends: queries and bodies, into models, or what's wrong with them in a sentence."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fmn.text import sentence, shorten
from webapp.api.problems import ApiError, Error
from webapp.request import Request

#: Bytes of a body. All of somebody's preferences are far less.
LARGEST_BODY: Final = 500_000
#: Errors that are told of one body; nobody mends more at once.
MAX_ERRORS: Final = 100
JSON: Final = "application/json"
TOML: Final = "application/toml"
#: What pydantic says of common mistakes isn't a sentence.
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "{name} is missing.",
    "json_invalid": "The body isn’t JSON: {error}.",
    "model_type": "{name} must be an object.",
    "dict_type": "{name} must be an object.",
    "list_type": "{name} must be a list.",
    "string_type": "{name} must be a string.",
    "int_type": "{name} must be a whole number.",
    "bool_type": "{name} must be true or false.",
    "string_too_short": "{name} must have at least {min_length} characters.",
    "string_too_long": "{name} must have at most {max_length} characters.",
    "too_short": "{name} must have at least {min_length} elements.",
    "too_long": "{name} must have at most {max_length} elements.",
    "greater_than_equal": "{name} must be at least {ge}.",
    "less_than_equal": "{name} must be at most {le}.",
    "literal_error": "{name} must be {expected}.",
    "enum": "{name} must be {expected}.",
}

Model = TypeVar("Model", bound=BaseModel)
PlaceOf = Callable[[Sequence[int | str]], str]


class RequestBody(ABC):
    """Base class of bodies that are neither a model nor a file, and read and describe themselves."""

    @classmethod
    @abstractmethod
    def read(cls, request: Request) -> Self:
        """Read a request's body. Raises :class:`ApiError`."""

    @classmethod
    @abstractmethod
    def content(cls) -> dict[str, Any]:
        """What it may be, by media type, as OpenAPI has it."""

    @classmethod
    def headers(cls) -> Sequence[str]:
        """Names of headers that belong to it."""
        return ()


class File(NamedTuple):
    """A file of preferences as a body, in one of two ways of writing it."""

    media_type: str
    text: str


def read_query(request: Request, model: type[Model]) -> Model:
    """The address's parameters. Raises :class:`ApiError`."""
    given = dict(request.GET.items())
    if len(given) < len(request.GET):
        raise ApiError(422, "Send each parameter only once.")
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _invalid(error, model, "parameter", _parameter) from None


def read_body(request: Request, model: type[Model]) -> Model:
    """The body, which is to be JSON. Raises :class:`ApiError`."""
    text = read_file(request, (JSON,)).text
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise _invalid(error, model, "field", _pointer) from None


def read_file(request: Request, media_types: Collection[str]) -> File:
    """The body as text. Raises :class:`ApiError`."""
    if request.content_type not in media_types:
        raise ApiError(415, f"Send the body as {' or '.join(media_types)}, with the matching Content-Type.")
    body = read_bytes(request)
    try:
        return File(request.content_type, body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ApiError(400, f"The body isn’t UTF-8 from byte {error.start} on.") from None


def read_bytes(request: Request) -> bytes:
    """The body. Raises :class:`ApiError` for one that is compressed or too large."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(415, "Send the body uncompressed, without Content-Encoding.")
    body: bytes = request.body_file.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise ApiError(413, f"The body can have at most {LARGEST_BODY:,} bytes.")
    return body


def _pointer(steps: Sequence[int | str]) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def _parameter(steps: Sequence[int | str]) -> str:
    return str(steps[0]) if steps else ""


def _invalid(error: ValidationError, model: type[BaseModel], what: str, place_of: PlaceOf) -> ApiError:
    details = error.errors(include_url=False)[:MAX_ERRORS]
    if details[0]["type"] == "json_invalid":
        return ApiError(400, _sentence(details[0], "", model, what))
    errors = [
        Error(place=place, detail=_sentence(each, place, model, what))
        for each in details for place in (place_of(each["loc"]),)
    ]
    return ApiError(422, errors[0].detail, errors)


def _sentence(detail: ErrorDetails, place: str, model: type[BaseModel], what: str) -> str:
    whole = "The body" if what == "field" else "The query"
    name = f"“{shorten(place.lstrip('/'))}”" if place else whole
    if detail["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(detail["loc"][-1]), model.model_fields, n=1)
        hint = f"; did you mean “{close[0]}”?" if close else "."
        return f"There is no {what} {name}{hint}"
    if detail["type"] in _SENTENCES:
        return _SENTENCES[detail["type"]].format_map({"name": name, **detail.get("ctx", {})})
    text = detail["msg"].removeprefix("Value error, ")
    verb = "should" if text.startswith("Input should ") else "is wrong:"
    return sentence(f"{name} {verb} {text.removeprefix('Input should ')}")
