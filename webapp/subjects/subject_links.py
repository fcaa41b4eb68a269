"""Paths of the pages of packages, people, groups and applications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from fmn.catalog import Facts
from fmn.filters.expressions import Expression
from fmn.filters.watch_subjects import Subject, SubjectKind, named_subjects, subject_or_none
from webapp.request import Request

#: Links beside one thing. What is about more subjects isn't about one of them.
MAX_LINKS: Final = 5

ROUTES: Final[Mapping[SubjectKind, str]] = {
    SubjectKind.PACKAGE: "package", SubjectKind.PERSON: "person", SubjectKind.GROUP: "group",
    SubjectKind.APPLICATION: "application"}
#: Icons by kind.
ICONS: Final[Mapping[SubjectKind, str]] = {
    SubjectKind.PACKAGE: "package", SubjectKind.PERSON: "user", SubjectKind.GROUP: "users",
    SubjectKind.APPLICATION: "boxes"}


@dataclass(frozen=True)
class SubjectLink:
    """A link to a subject's page."""

    label: str
    icon: str
    path: str


def subject_path(request: Request, subject: Subject, **query: str) -> str:
    """The path of a subject's page."""
    path: str = request.route_path(ROUTES[subject.kind], name=subject.name, _query=query or None)
    return path


def subject_link(request: Request, subject: Subject) -> SubjectLink:
    """The link to a subject's page."""
    return SubjectLink(subject.label, ICONS[subject.kind], subject_path(request, subject))


def links_of_expression(request: Request, expression: Expression | None) -> Sequence[SubjectLink]:
    """Links to the subjects that a filter names."""
    return _links(request, named_subjects(expression) if expression is not None else ())


def links_of_facts(request: Request, facts: Facts) -> Sequence[SubjectLink]:
    """Links to the packages, people and groups that a message is about, and to its application."""
    return _links(request, chain(_subjects(facts), _application(facts)))


def _subjects(facts: Facts) -> Iterator[Subject]:
    for kind, names in (
        (SubjectKind.PACKAGE, map(str, facts.packages)), (SubjectKind.PERSON, facts.usernames),
        (SubjectKind.GROUP, facts.groups),
    ):
        found = (subject_or_none(kind, name) for name in sorted(names))
        yield from (each for each in islice(found, MAX_LINKS) if each is not None)


def _application(facts: Facts) -> Iterator[Subject]:
    found = subject_or_none(SubjectKind.APPLICATION, facts.message.category)
    if found is not None:
        yield found


def _links(request: Request, subjects: Iterable[Subject]) -> Sequence[SubjectLink]:
    return [subject_link(request, each) for each in islice(subjects, 2 * MAX_LINKS)]
