"""Pictures that Graphviz draws when the documentation is built, each with a text for those who don't see it.

``picture`` draws a file of ``docs/pictures``, ``delivery-states`` and ``database-schema`` draw what the code
says. Without Graphviz's ``dot`` the documentation still builds: the texts stand in the pictures' places.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import database_schema
import delivery_states
from docutils import nodes
from docutils.parsers.rst import directives
from rst_text import definitions, title
from sphinx.ext.graphviz import render_dot
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.text import TextTranslator

log: Final = logging.getLogger(__name__)


class DrawnPicture(nodes.General, nodes.Element):
    """A picture: ``code`` in Graphviz's language, ``alt`` what it shows in words."""


class Picture(SphinxDirective):
    """A picture from ``docs/pictures/ARGUMENT.dot``. The content is the caption."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """A figure, or a note where it can't be drawn."""
        self.env.note_reread()
        alt = " ".join(self.alt().split())
        if shutil.which("dot") is None:
            text = f"Graphviz wasn't installed where this page was built. The picture shows: {alt}"
            return [nodes.note("", nodes.paragraph("", text))]
        figure = nodes.figure("", DrawnPicture(code=self.code(), alt=alt))
        if self.content:
            inline, _ = self.state.inline_text(" ".join(self.content), self.lineno)
            figure += nodes.caption("", "", *inline)
        return [figure]

    def code(self) -> str:
        """What Graphviz draws."""
        file = Path(self.env.srcdir) / "pictures" / f"{self.arguments[0]}.dot"
        self.env.note_dependency(str(file))
        return file.read_text(encoding="utf-8")

    def alt(self) -> str:
        """What the picture shows, in words."""
        return str(self.options["alt"])


class DeliveryStates(Picture):
    """The states of a delivery, and what leads from one to another."""

    required_arguments = 0

    def code(self) -> str:
        return delivery_states.draw()

    def alt(self) -> str:
        return delivery_states.describe()


class DatabaseSchema(Picture):
    """The tables of the package that the argument names, with their columns and references."""

    def code(self) -> str:
        return database_schema.draw(self.arguments[0])

    def alt(self) -> str:
        return database_schema.describe(self.arguments[0])


class DatabaseTables(SphinxDirective):
    """A section for each package that has tables, with its picture and what each table is."""

    def run(self) -> list[nodes.Node]:
        """Read again at each build: Sphinx can't see that a model changed."""
        self.env.note_reread()
        text = "".join(
            title(package, "-") + f".. database-schema:: {package}\n\n"
            + definitions((f"``{name}``", about) for name, about in database_schema.summaries(package))
            for package in database_schema.packages())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def visit_html(self: HTML5Translator, node: DrawnPicture) -> None:
    """Write an image that leads to itself, for those who want it larger."""
    address, _ = render_dot(self, node["code"], {}, "svg", "picture")
    text = self.encode(node["alt"])
    self.body.append(f'<a class="drawn" href="{address}"><img src="{address}" alt="{text}"></a>')
    raise nodes.SkipNode


def visit_text(self: TextTranslator, node: DrawnPicture) -> None:
    """Write what it shows."""
    self.add_text(f"[{node['alt']}]")
    raise nodes.SkipNode


def tell_what_is_missing(app: Sphinx) -> None:
    """Say once that pictures are left out."""
    if shutil.which("dot") is None:
        log.info("Graphviz isn't installed (no `dot`): pictures are left out, their descriptions stay")
    app.add_css_file("pictures.css")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directives."""
    app.setup_extension("sphinx.ext.graphviz")
    app.add_node(DrawnPicture, html=(visit_html, None), text=(visit_text, None))
    app.add_directive("picture", Picture)
    app.add_directive("delivery-states", DeliveryStates)
    app.add_directive("database-schema", DatabaseSchema)
    app.add_directive("database-tables", DatabaseTables)
    app.connect("builder-inited", tell_what_is_missing)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
