"""The document in words, for the page that people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Schema = Mapping[str, Any]

#: Types as people call them.
_TYPES: Final[Mapping[str, str]] = {
    "string": "text", "integer": "number", "number": "number", "boolean": "true or false", "null": "null"}
_FORMATS: Final[Mapping[str, str]] = {"date-time": "moment", "date": "date", "time": "time"}


@dataclass(frozen=True)
class DescribedField:
    """A field of a body, or a parameter: what it may be, and what it means."""

    name: str
    kind: str
    needed: bool
    words: str


@dataclass(frozen=True)
class FieldGroup:
    """Fields that belong together, and what they are together."""

    words: str = ""
    fields: Sequence[DescribedField] = ()


@dataclass(frozen=True)
class DescribedOperation:
    """An operation: what is sent and what is answered, in words and field by field."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    parameters: Sequence[DescribedField]
    body: FieldGroup
    answer: FieldGroup


class ReferenceRenderer:
    """Reads a document aloud; ``prefix`` is what all of its addresses begin with."""

    def __init__(self, document: Schema, prefix: str) -> None:
        self._document = document
        self._prefix = prefix
        self._schemas: Mapping[str, Schema] = document["components"]["schemas"]

    def subjects(self) -> Mapping[str, Sequence[DescribedOperation]]:
        """All operations by subject."""
        found: dict[str, list[DescribedOperation]] = {tag["name"]: [] for tag in self._document["tags"]}
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                found[operation["tags"][0]].append(self._described(method.upper(), path, operation))
        return found

    def _described(self, method: str, path: str, operation: Schema) -> DescribedOperation:
        answered = next(iter(operation["responses"].values()))
        return DescribedOperation(
            id=operation["operationId"], method=method, path=path.removeprefix(self._prefix),
            summary=operation["summary"], description=operation["description"],
            scope=operation["security"][0]["token"][0],
            parameters=[
                DescribedField(
                    each["name"], self._kind(each["schema"]), each["required"], each.get("description", ""))
                for each in operation["parameters"] if each["in"] == "query"],
            body=self._group(operation.get("requestBody", {})), answer=self._group(answered))

    def _group(self, content: Schema) -> FieldGroup:
        """What is sent or answered."""
        schemas = (self._resolved(each.get("schema", {})) for each in content.get("content", {}).values())
        schema = next((each for each in schemas if "properties" in each), None)
        if schema is None:
            return FieldGroup()
        needed = schema.get("required", ())
        return FieldGroup(schema.get("description", ""), [
            DescribedField(name, self._kind(each), name in needed, each.get("description", ""))
            for name, each in schema["properties"].items()])

    def _kind(self, schema: Schema) -> str:
        return " or ".join(dict.fromkeys(self._kinds(schema)))

    def _kinds(self, schema: Schema) -> Iterator[str]:
        """What may stand there, alternatives one by one."""
        schema = self._resolved(schema)
        alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
        if schema.get("title") == "Expression":
            yield "expression"
        elif "enum" in schema or "const" in schema:
            yield from map(str, schema.get("enum", [schema.get("const")]))
        elif alternatives:
            for each in alternatives:
                yield from self._kinds(each)
        elif schema.get("type") == "array":
            yield f"list of {self._kind(schema['items'])}"
        elif "properties" in schema:
            yield f"object of {', '.join(schema['properties'])}"
        else:
            yield _FORMATS.get(schema.get("format", "")) or _TYPES.get(schema.get("type", ""), "anything")

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref", "")
        return self._schemas[reference.rpartition("/")[2]] if reference else schema
