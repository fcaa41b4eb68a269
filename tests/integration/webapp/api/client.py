"""A program that uses the API, and holds every answer against what the document says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
from webtest import TestResponse

from fmn.people.accounts import get_or_create_account
from fmn.people.api_tokens import create_token
from fmn.wiring import Services
from tests.integration.webapp.signing_in import new_browser
from webapp.api.views import cached_document

#: The filter that Alice has in her world, as text.
MINE = "user_package_filter(@me) and not user_filter(@me) and not koji_tag"
PREFIX = "/api/v1"


class Program:
    """Somebody's program, with a token of theirs that has these scopes."""

    def __init__(self, services: Services, nick: str, *scopes: str) -> None:
        with services.database.transaction() as session:
            user = get_or_create_account(session, nick, ["email"])
            name = f"{nick} {len(scopes)} {scopes}"
            _, self.token = create_token(session, user.id, name, scopes or ("read", "write"), None)
        self.app = new_browser(services, {
            "HTTP_AUTHORIZATION": f"Bearer {self.token}"})
        self._document = cached_document(services.settings.web.base_url)

    def ask(
        self, method: str, path: str, body: Any = None, *, status: int | None = None, **headers: str,
    ) -> TestResponse:
        """Ask for something; any answer will do, unless one has to have a ``status``."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **{
            name.replace("_", "-"): value for name, value in headers.items()}}
        answer = self.app.request(
            f"{PREFIX}{path}", method=method, body=data, headers=sent, expect_errors=True)
        assert status in (None, answer.status_code), answer.text
        check(self._document, method, path.partition("?")[0], answer)
        return answer

    def get(self, path: str, status: int = 200) -> Any:
        """The JSON at an address."""
        return self.ask("GET", path, status=status).json

    def send(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """What is answered to something that's sent."""
        answer = self.ask(method, path, body, status=status)
        return answer.json if answer.body else None

    def problem(self, method: str, path: str, body: Any = None, *, status: int, **headers: str) -> str:
        """The sentence with which something is refused."""
        answer = self.ask(method, path, body, status=status, **headers)
        detail: str = answer.json["detail"]
        return detail


def check(document: Mapping[str, Any], method: str, path: str, answer: TestResponse) -> None:
    """Fail if the document doesn't say of an answer what it is."""
    operation = _operation(document, method, path)
    if operation is None:
        assert answer.status_code in (204, 404, 405), f"{method} {path}: {answer.status}"
        return
    told = operation["responses"].get(str(answer.status_code))
    assert told is not None, f"{method} {path}: {answer.status} isn't in the document"
    while "$ref" in told:
        told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
    if method == "HEAD":
        return
    if "content" not in told:
        assert answer.body == b""
        return
    content = told["content"][answer.content_type]
    value = answer.json if answer.content_type.endswith("json") else answer.text
    validator(json.dumps({**content["schema"], "components": document["components"]})).validate(value)
    for name in told.get("headers", ()):
        assert name in answer.headers


@cache
def validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """What holds values against a schema."""
    return jsonschema_rs.Draft202012Validator(json.loads(schema), validate_formats=True)


def _operation(document: Mapping[str, Any], method: str, path: str) -> Mapping[str, Any] | None:
    """What the document says of a method of an address, ``None`` if nothing."""
    looked_for = "get" if method == "HEAD" else method.lower()
    # Addresses without parameters come first, as in the routes.
    for template in sorted(document["paths"], key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), f"{PREFIX}{path}"):
            found: Mapping[str, Any] | None = document["paths"][template].get(looked_for)
            return found
    return None


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """All that there is in a document: method, address, and what's said of it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation
