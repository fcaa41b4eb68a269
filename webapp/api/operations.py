"""Operations: what a program can do at an address, told once, by a function and its annotations.

From them come the views and the document that describes them, so neither can say what the other doesn't.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, get_type_hints

from pydantic import BaseModel
from pyramid.response import Response

from webapp.api.etags import format_etag
from webapp.api.models import QueryModel
from webapp.api.request_parsing import JSON, TOML, File, RequestBody, read_body, read_file, read_query
from webapp.auth.bearer import note_use
from webapp.identity import Permission
from webapp.request import Request
from webapp.routes import API

#: What may become of any operation, besides what it's for.
COMMON_FAILURES: Final = (400, 401, 403, 422, 429, 503)
BODY_FAILURES: Final = (413, 415)
RESOURCE_FAILURES: Final = (404,)
#: What a part of a route's address may consist of.
_PATTERN: Final = re.compile(r":[^}]+\}")


@dataclass(frozen=True)
class Operation:
    """A method of a route. ``function`` takes the request, and its ``query`` and ``body`` if it has any.

    What these are its annotations say, as well as what it answers: a model, a file, or nothing. ``fails`` are
    statuses of problems that others don't have.
    """

    route: str
    method: str
    scope: Permission
    function: Callable[..., Any]
    status: int
    fails: Sequence[int]

    @property
    def name(self) -> str:
        """What programs may call it."""
        return self.function.__name__

    @property
    def path(self) -> str:
        """The address, as OpenAPI writes it: without what a part may consist of."""
        return _PATTERN.sub("}", API[self.route])

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def description(self) -> str:
        """What more there is to know."""
        return (inspect.getdoc(self.function) or "").partition("\n")[2].strip()

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.function)

    @property
    def query(self) -> type[BaseModel]:
        """The address's parameters."""
        found: type[BaseModel] = self._hints.get("query", QueryModel)
        return found

    @property
    def body(self) -> type[BaseModel | File | RequestBody] | None:
        """What is sent."""
        return self._hints.get("body")

    @property
    def answer(self) -> type[BaseModel | File] | None:
        """What is answered."""
        found = self._hints["return"]
        return None if found is type(None) else found

    @property
    def failures(self) -> Sequence[int]:
        """The statuses of problems that there may be."""
        body = BODY_FAILURES if self.body else ()
        things = RESOURCE_FAILURES if "{" in self.path else ()
        return sorted({*COMMON_FAILURES, *body, *things, *self.fails})

    def __call__(self, request: Request) -> Response:
        """The view."""
        note_use(request)
        given: dict[str, Any] = {}
        query = read_query(request, self.query)
        if self.query is not QueryModel:
            given["query"] = query
        if self.body is not None and issubclass(self.body, BaseModel):
            given["body"] = read_body(request, self.body)
        elif self.body is not None and issubclass(self.body, RequestBody):
            given["body"] = self.body.read(request)
        elif self.body is not None:
            given["body"] = read_file(request, (JSON, TOML))
        return self._response(request, self.function(request, **given))

    def _response(self, request: Request, answer: BaseModel | File | None) -> Response:
        response: Response = request.response
        if answer is None:
            response.status_code, response.content_type = 204, None
            return response
        response.status_code = self.status
        if isinstance(answer, File):
            response.content_type, response.charset, response.text = answer.media_type, "UTF-8", answer.text
            return response
        response.content_type, response.charset = JSON, "UTF-8"
        # All of it in ASCII: messages may have half a character in them, which has no other encoding.
        response.text = json.dumps(answer.model_dump(mode="json"), separators=(",", ":"))
        if (version := getattr(answer, "version", None)) is not None:
            response.headers["ETag"] = format_etag(version)
        return response


def operation(
    route: str, method: str, scope: Permission, *, status: int = 200, fails: Sequence[int] = (),
) -> Callable[[Callable[..., Any]], Operation]:
    """Makes an operation of a function."""
    return lambda function: Operation(route, method, scope, function, status, fails)
