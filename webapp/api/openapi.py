"""The document that describes the API to programs: OpenAPI 3.1, made from the operations and their models."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from fmn.channels import channel_types
from fmn.filters.group_filters import MAX_NAME
from fmn.filters.watch_subjects import MAX_SUBJECT_LENGTH, SubjectKind
from fmn.infra.public_ids import LARGEST_ID
from fmn.preferences_io.schema import Preferences
from webapp.api.models import EXPRESSION, EXPRESSION_SCHEMA
from webapp.api.operations import Operation
from webapp.api.problems import KINDS, MEDIA_TYPE, Problem
from webapp.api.request_parsing import JSON, TOML, File, RequestBody

Document = dict[str, Any]

#: That of the API, whose first number is in its addresses.
VERSION: Final = "1.0"
SECURITY: Final = "token"
#: What a file of preferences is called, and what the names of its parts begin with.
FILE: Final = "File"
PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_REFERENCES: Final = "#/components/schemas/{model}"
_ID: Final[Document] = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
#: Parts of addresses that aren't ids.
_PARTS: Final[Mapping[str, Document]] = {
    "context": {"type": "string", "enum": list(channel_types())},
    "token": {"type": "string", "pattern": r"^[0-9]+(_[0-9a-f]+)?\.[A-Za-z0-9_-]+$",
              "examples": ["7_1f3a9c.kP2x"]},
    "rule": {"type": "string", "minLength": 1, "examples": ["maintains"]},
    "group": {"type": "string", "pattern": rf"^[^\s/]{{1,{MAX_NAME}}}$", "examples": ["infra"]},
    "kind": {"type": "string", "enum": list(map(str, SubjectKind))},
    "name": {"type": "string", "minLength": 1, "maxLength": MAX_SUBJECT_LENGTH, "examples": ["rpms/moss"]},
    "msg_id": {"type": "string", "minLength": 1, "examples": ["2026-5e0b7a3c"]},
}
#: Headers that answers of a status come with.
_HEADERS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("WWW-Authenticate", "Authentication scheme to use."),
    403: ("WWW-Authenticate", "The missing scope, if it is one."),
    429: ("Retry-After", "Seconds until the next request is allowed."),
    503: ("Retry-After", "Seconds to wait before trying again."),
}


def openapi_document(operations_by_tag: Mapping[str, Iterable[Operation]], base_url: str) -> Document:
    """The description of all operations, by tag, below this address."""
    paths: defaultdict[str, Document] = defaultdict(dict)
    for tag, operations in operations_by_tag.items():
        for each in operations:
            paths[each.path][each.method.lower()] = _operation(each, tag)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "FMN", "version": VERSION, "summary": "Only the notifications you want",
            "description": (
                "Read and change your notification settings, filters and inbox. "
                "Create a token on your account page."),
        },
        "servers": [{"url": base_url}],
        "security": [{SECURITY: []}],
        "tags": [{"name": tag} for tag in operations_by_tag],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {SECURITY: {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(each for operations in operations_by_tag.values() for each in operations),
            "responses": {kind.name: _problem(status) for status, kind in KINDS.items()},
        },
    }


def _operation(operation: Operation, tag: str) -> Document:
    described: Document = {
        "operationId": operation.name, "tags": [tag], "summary": operation.summary.rstrip("."),
        "description": _markdown(operation.description),
        "security": [{SECURITY: [str(operation.scope)]}],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_headers(operation)],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    return described


def _path_parameters(operation: Operation) -> Iterator[Document]:
    for name in PATH_PARAMETER.findall(operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": _PARTS.get(name, _ID)}


def _query_parameters(operation: Operation) -> Iterator[Document]:
    described = operation.query.model_json_schema(ref_template=_REFERENCES)
    for name, schema in described.get("properties", {}).items():
        parameter = {"name": name, "in": "query", "required": False, "schema": _without_null(schema)}
        yield {**parameter, "description": schema["description"]} if "description" in schema else parameter


def _without_null(schema: Document) -> Document:
    """The schema of a parameter that may be left out, but can't be null if it's there."""
    (kind,) = [each for each in schema.get("anyOf", [schema]) if each != {"type": "null"}]
    return {
        key: value for key, value in {**schema, **kind}.items()
        if key not in ("title", "description", "anyOf") and (key, value) != ("default", None)}


def _headers(operation: Operation) -> Iterator[Document]:
    if HTTPStatus.PRECONDITION_FAILED in operation.failures:
        yield {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"},
               "description": "ETag of the version you read, instead of a version in the body."}
    if operation.body is not None and issubclass(operation.body, RequestBody):
        for name in operation.body.headers():
            yield {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}


def _content(body: type[BaseModel | File | RequestBody]) -> Document:
    if issubclass(body, RequestBody):
        return body.content()
    if issubclass(body, BaseModel):
        return {JSON: {"schema": {"$ref": _REFERENCES.format(model=body.__name__)}}}
    return {JSON: {"schema": {"$ref": _REFERENCES.format(model=FILE)}}, TOML: {"schema": {"type": "string"}}}


def _responses(operation: Operation) -> Document:
    answered: Document = {"description": HTTPStatus(operation.status).phrase}
    if operation.answer is not None:
        answered["content"] = _content(operation.answer)
        if "version" in getattr(operation.answer, "model_fields", ()):
            answered["headers"] = {"ETag": {
                "description": "Version of the resource, for If-Match.", "schema": {"type": "string"}}}
    if operation.status == HTTPStatus.CREATED:
        answered.setdefault("headers", {})["Location"] = {
            "description": "URL of the new resource.", "schema": {"type": "string"}}
    failures = {
        str(status): {"$ref": f"#/components/responses/{KINDS[status].name}"}
        for status in operation.failures}
    return {str(operation.status): answered, **failures}


def _problem(status: int) -> Document:
    kind = KINDS[status]
    described: Document = {
        "description": f"{kind.title}. {kind.help}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCES.format(model=Problem.__name__)}}}}
    if status in _HEADERS:
        name, meaning = _HEADERS[status]
        described["headers"] = {name: {"description": meaning, "schema": {"type": "string"}}}
    return described


def _schemas(operations: Iterable[Operation]) -> Document:
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    of_queries: Document = {}
    for each in operations:
        if each.body is not None and issubclass(each.body, BaseModel):
            models[each.body, "validation"] = None
        if each.answer is not None and issubclass(each.answer, BaseModel):
            models[each.answer, "serialization"] = None
        of_queries |= each.query.model_json_schema(ref_template=_REFERENCES).get("$defs", {})
    _, described = models_json_schema(list(models), ref_template=_REFERENCES)
    schemas: Document = {
        **of_queries, **described["$defs"], **_of_files(), EXPRESSION: EXPRESSION_SCHEMA}
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = _markdown(schema["description"])
    return dict(sorted(schemas.items()))


def _of_files() -> Document:
    """The schema of files of preferences, under other names than the API's own for what is alike."""
    described = Preferences.model_json_schema(ref_template=_REFERENCES.format(model=f"{FILE}{{model}}"))
    parts = described.pop("$defs")
    return {FILE: described, **{f"{FILE}{name}": part for name, part in parts.items()}}


def _markdown(text: str) -> str:
    return text.strip().replace("``", "`")
