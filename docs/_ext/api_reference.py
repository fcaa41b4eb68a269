"""The directive ``api-reference``: every operation of the JSON API, read from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from docutils import nodes
from rst_text import definitions, escaped, title
from sphinx.util.docutils import SphinxDirective

from webapp.api.all_operations import OPERATIONS_BY_TAG
from webapp.api.openapi import openapi_document
from webapp.api.reference_page import DescribedField, DescribedOperation, ReferenceRenderer

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

#: Where an installation might be.
ADDRESS: Final = "https://notifications.example.org"


def as_rst() -> str:
    """A section for each subject, and one below it for each operation."""
    renderer = ReferenceRenderer(openapi_document(OPERATIONS_BY_TAG, ADDRESS), "")
    return "".join(
        title(escaped(subject), "-") + "".join(_operation(each) for each in operations)
        for subject, operations in renderer.subjects().items())


def _operation(operation: DescribedOperation) -> str:
    described = f"{escaped(' '.join(operation.description.split()))}\n\n" if operation.description else ""
    call = f"``{operation.method} {operation.path}``, with a token of the scope ``{operation.scope}``\n\n"
    return (
        title(escaped(operation.summary), "~") + call + described
        + _fields("Parameters", "", operation.parameters)
        + _fields("Body", operation.body.words, operation.body.fields)
        + _fields("Answer", operation.answer.words, operation.answer.fields))


def _fields(name: str, words: str, fields: Iterable[DescribedField]) -> str:
    entries = [(f"``{each.name}``", _field(each)) for each in fields]
    if not entries:
        return ""
    about = f"{escaped(' '.join(words.split()))}\n\n" if words else ""
    return f".. rubric:: {name}\n\n{about}{definitions(entries)}"


def _field(described: DescribedField) -> str:
    kind = f"{described.kind}{', required' if described.needed else ''}"
    return escaped(f"{kind}. {' '.join(described.words.split())}".strip())


class ApiReference(SphinxDirective):
    """All operations."""

    def run(self) -> list[nodes.Node]:
        """Read again at each build: Sphinx can't see that the API changed."""
        self.env.note_reread()
        return self.parse_text_to_nodes(as_rst(), allow_section_headings=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_directive("api-reference", ApiReference)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
