"""The directive ``catalogue``: what FMN knows of each application, rendered from the catalogue itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from fmn.catalog import Application, ApplicationRule, Argument, Catalog, EventType
from fmn.catalog.registry import built_in_applications

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


class CatalogueDirective(SphinxDirective):
    """A section per application; retired ones come last."""

    def run(self) -> list[nodes.Node]:
        """Read again at each build: Sphinx can't see that the catalogue changed."""
        self.env.note_reread()
        known = Catalog(built_in_applications())
        applications = sorted(known.applications.values(), key=lambda a: (a.retired, a.title.lower()))
        return [_section(known, application) for application in applications]


def _section(known: Catalog, application: Application) -> nodes.section:
    section = nodes.section("", ids=[nodes.make_id(f"category-{application.category}")])
    section += nodes.title("", application.title)
    retired = " The service is gone; its messages are still understood." if application.retired else ""
    section += nodes.paragraph("", f"{application.help}{retired}")
    section += _lines([("Category", [nodes.literal("", application.category)])])
    section += nodes.definition_list("", *_rules(application))
    section += nodes.rubric("", "Event types")
    section += nodes.definition_list("", *(_event_type(known, event) for event in application.event_types))
    return section


def _rules(application: Application) -> Iterator[nodes.definition_list_item]:
    """The rules that aren't just "this happened"."""
    if application.catchall:
        yield _entry(
            f"Anything from {application.title}", application.catchall, "Every message of the category.", [])
    for rule in application.rules:
        yield _entry(rule.title, rule.name, rule.help, _about_rule(rule))


def _about_rule(rule: ApplicationRule) -> Iterator[tuple[str, list[nodes.Node]]]:
    for argument in rule.arguments:
        yield f"Argument {argument.name}", _about_argument(argument)
    if rule.any_of:
        yield "Any of", _literals(sorted(rule.any_of))


def _about_argument(argument: Argument) -> list[nodes.Node]:
    explanation = f"{argument.title}. {argument.help}".strip()
    return [nodes.Text(f"{explanation} For example "), nodes.literal("", argument.sample)]


def _event_type(known: Catalog, event: EventType) -> nodes.definition_list_item:
    description = known.describe(event.example_message())
    link = description.link
    fields: list[tuple[str, list[nodes.Node]]] = [
        ("Topic", _literals(event.topics)),
        ("Severity", [nodes.Text(event.severity)]),
        ("Example", [nodes.emphasis("", description.summary)]),
        ("Link", [nodes.reference("", link, refuri=link)] if link else []),
    ]
    retired = " No longer sent." if event.retired and not event.application.retired else ""
    return _entry(event.title, event.name, f"{event.help}{retired}", fields)


def _entry(
    title: str, name: str, help_: str, fields: Iterable[tuple[str, list[nodes.Node]]],
) -> nodes.definition_list_item:
    """A rule by the title and the name that users know it by."""
    anchor = nodes.make_id(f"rule-{name}")
    term = nodes.term("", title, nodes.Text(" "), nodes.literal("", name), ids=[anchor])
    definition = nodes.definition("", _lines([("", [nodes.Text(help_)]), *fields]))
    return nodes.definition_list_item("", term, definition)


def _lines(fields: Iterable[tuple[str, list[nodes.Node]]]) -> nodes.line_block:
    """One line for each field that has any content."""
    return nodes.line_block("", *(
        nodes.line("", f"{label}: " if label else "", *content) for label, content in fields if content
    ))


def _literals(texts: Iterable[str]) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    for text in texts:
        found += [nodes.Text(", "), nodes.literal("", text)]
    return found[1:]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_directive("catalogue", CatalogueDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
