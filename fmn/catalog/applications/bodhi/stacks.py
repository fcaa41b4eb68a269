"""Stacks: groups of packages that are tested together. Bodhi had them until version 3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.applications.bodhi.base import BODHI, Bodhi
from fmn.catalog.events import Package, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import bullets, paragraphs

STACK = {
    "name": "forest", "description": "What grows between trees.",
    "packages": [{"name": "moss"}, {"name": "lichen"}], "users": [{"name": "mary"}],
}


class Stack(Bodhi):
    """Something happened to a stack."""

    retired = True

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("", package.text("name")) for package in m.nodes("stack", "packages"))

    def link(self, m: MessageReader) -> str:
        return page(BODHI, "stacks", m.text("stack", "name"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name = m.text("stack", "name")
        return {**super().template_values(m), "stack": f"the stack {name}" if name else "a stack"}

    def long(self, m: MessageReader) -> str:
        packages = bullets(package.text("name") for package in m.nodes("stack", "packages"))
        return paragraphs(m.text("stack", "description"), packages)


class StackSave(Stack):
    """Somebody made or changed a stack."""

    topics = ("bodhi.stack.save",)
    title = "Stack saved"
    summary_template = "{who} saved {stack}"
    example = sample(agent="mary", stack=STACK)


class StackDelete(Stack):
    """Somebody deleted a stack."""

    topics = ("bodhi.stack.delete",)
    title = "Stack deleted"
    summary_template = "{who} deleted {stack}"
    severity = Severity.WARNING
    example = sample(agent="mary", stack=STACK)


EVENTS = (StackSave, StackDelete)
