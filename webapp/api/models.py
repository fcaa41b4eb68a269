"""Models of what programs send and get. What they send is taken as it is: ``"1"`` is no number."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from fmn.channels import channel_types
from fmn.infra.public_ids import LARGEST_ID


class RequestModel(BaseModel):
    """Base class of request bodies. Unknown fields are errors, so that typing mistakes are reported."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid", strict=True, frozen=True)


class QueryModel(BaseModel):
    """Base class of query parameters, which arrive as strings."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid", frozen=True)


class ResponseModel(BaseModel):
    """Base class of response bodies. The OpenAPI document lists every field."""

    model_config = ConfigDict(
        hide_input_in_errors=True, extra="forbid", frozen=True,
        json_schema_serialization_defaults_required=True)


def _number(value: Any) -> Any:
    # As JSON writes it; Python would take "1_000" and " 7 " as well.
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:20])
    raise ValueError("it must be a whole number")


def _truth(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("it must be true or false")


def _context(value: str) -> str:
    if value not in channel_types():
        raise ValueError(f"it must be {' or '.join(channel_types())}")
    return value


#: A whole number, and yes or no, among an address's parameters.
QueryInt = Annotated[int, BeforeValidator(_number)]
QueryBool = Annotated[bool, BeforeValidator(_truth)]
QueryRowId = Annotated[QueryInt, Field(ge=1, le=LARGEST_ID)]
#: The same in a body.
Version = Annotated[int | None, Field(ge=0, le=2**31 - 1, description=(
    "The version you read. If it has changed since, the request fails with 409 and changes nothing."))]
RowId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Context = Annotated[str, AfterValidator(_context), Field(json_schema_extra={"enum": list(channel_types())})]
#: The same in an answer: what is kept may be of a context in which nothing can be sent, or not any more.
KeptContext = Annotated[str, Field(examples=list(channel_types()))]

#: The name under which the document describes expressions.
EXPRESSION: Final = "Expression"
EXPRESSION_SCHEMA: Final[dict[str, Any]] = {
    "title": EXPRESSION,
    "description": "Rules combined by all, any and not. The arguments of a rule are in with.",
    "oneOf": [
        {"type": "object", "required": ["rule"], "additionalProperties": False, "properties": {
            "rule": {"type": "string"},
            "with": {"type": "object", "additionalProperties": {"type": "string"}}}},
        *({"type": "object", "required": [word], "additionalProperties": False, "properties": {
            word: {"type": "array", "items": {"$ref": f"#/components/schemas/{EXPRESSION}"}}}}
          for word in ("all", "any")),
        {"type": "object", "required": ["not"], "additionalProperties": False, "properties": {
            "not": {"$ref": f"#/components/schemas/{EXPRESSION}"}}},
    ],
}
#: Wrapped, because pydantic would look for what it refers to.
_REFERENCE: Final = {"allOf": [{"$ref": f"#/components/schemas/{EXPRESSION}"}]}
#: An expression as it's sent: as JSON, or as a line of text.
SentExpression = Annotated[Any, WithJsonSchema({
    "anyOf": [{"type": "string", "minLength": 1}, _REFERENCE],
    "description": "The filter’s expression: an object, or one line of text such as maintains(@me).",
    "examples": ["maintains(@me) and not koji_tag", {"rule": "maintains", "with": {"fasnick": "@me"}}],
})]
#: An expression as it's answered.
AnsweredExpression = Annotated[Any, WithJsonSchema(_REFERENCE)]
