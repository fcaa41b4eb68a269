"""FAF, which counts the crashes that people's systems report.

A report stands for one way to crash, a problem for several reports with the same cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, cast

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Package, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import join_series, labelled, pluralize

#: FAF says when so many crashes have come together.
LEVELS = tuple(10**power for power in range(7))

#: From here on a crash is a trouble of many.
MANY = 1000

PICTURES = "https://apps.fedoraproject.org/packages/images/icons"


class Crash(EventType):
    """Anything from FAF."""

    summary_template = "A {thing} of {package} was reported{times}"
    #: What crashes are counted of.
    thing: ClassVar[str] = "crash"

    def agent(self, m: MessageReader) -> str | None:
        return None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (person(maintainer) for maintainer in m.nodes("maintainers"))

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("", name) for name in m.texts("components"))

    def link(self, m: MessageReader) -> str:
        return m.text("url")

    def secondary_icon(self, m: MessageReader) -> str:
        first = next(filter(None, m.texts("components")), "")
        return f"{PICTURES}/{first}.png" if first else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        count = m.number("count") or m.number("level")
        return {
            **super().template_values(m),
            "thing": self.thing,
            "package": join_series(m.texts("components")) or "a package",
            "times": f" {pluralize(count, 'time')}" if count else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Packages=", ".join(m.texts("components")),
            Function=m.text("function"),
            Type=m.text("type"),
            First_occurrence=m.text("first_occurrence"),
            Occurrences=m.text("count"),
            Report=m.text("report_id"),
            Problem=m.text("problem_id"),
        )


class Report(Crash):
    """A way to crash was reported again."""

    example = sample(
        components=["moss"], count=12, first_occurrence="2026-03-01", function="grow", level=10,
        report_id=815, problem_id=47, type="core", url="https://retrace.example.org/faf/reports/815/",
    )


class Problem(Crash):
    """A cause of crashes was reported again."""

    thing = "problem"
    example = sample(
        components=["moss", "lichen"], count=12, first_occurrence="2026-03-01", function="grow", level=10,
        problem_id=47, type="core", url="https://retrace.example.org/faf/problems/47/",
    )


def _severity(level: int) -> Severity:
    if level == 1:
        return Severity.DEBUG
    return Severity.WARNING if level >= MANY else Severity.INFO


def _at(base: type[Crash], kind: str, level: int) -> type[EventType]:
    """The event type for one number of crashes."""
    body = {**base.example, "level": level, "count": level + 2}
    return cast("type[EventType]", type(f"{base.__name__}{level}", (base,), {
        "__doc__": f"A {base.thing} was reported {pluralize(level, 'time')}.",
        "topics": (f"faf.{kind}.threshold{level}",),
        "rule": f"faf_{kind}_threshold{level}",
        "title": f"{base.thing.capitalize()} reported {pluralize(level, 'time')}",
        "severity": _severity(level),
        "example": sample(**body),
    }))


APPLICATION = Application(
    category="faf",
    title="FAF",
    help="Crashes of packages that people's systems reported.",
    catchall="faf_catchall",
    icon=f"{PICTURES}/abrt.png",
    other=Crash,
    events=(
        *(_at(Report, "report", level) for level in LEVELS),
        *(_at(Problem, "problem", level) for level in LEVELS),
    ),
)
