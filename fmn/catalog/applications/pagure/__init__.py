"""Pagure, the forge: issues, pull requests, projects, repositories."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.pagure import issues, projects, pull_requests, repositories
from fmn.catalog.applications.pagure.base import Pagure, project_of, project_path
from fmn.catalog.events import SEVERAL, Application, ApplicationRule, Argument, Facts
from fmn.text import split_list


def concerns_project(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message is about one of the projects, or about one in a namespace that's named."""
    if facts.message.category != "pagure":
        return False
    path = f"{project_path(project_of(facts.reader))}/"
    return any(
        path.startswith(f"{wanted.strip('/')}/") for wanted in split_list(arguments.get("project", "")))


def concerns_tagged_project(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message is about a project that has one of the tags."""
    if facts.message.category != "pagure":
        return False
    return not set(split_list(arguments.get("tags", ""))).isdisjoint(project_of(facts.reader).texts("tags"))


APPLICATION = Application(
    category="pagure",
    title="Pagure",
    help="The forge: issues, pull requests, commits, projects.",
    catchall="pagure_catchall",
    icon="https://apps.fedoraproject.org/packages/images/icons/package_128x128.png",
    topic_prefix="io.pagure",
    other=Pagure,
    events=(*issues.EVENTS, *pull_requests.EVENTS, *projects.EVENTS, *repositories.EVENTS),
    rules=(
        ApplicationRule(
            name="pagure_specific_project_filter",
            title="About a project",
            help="The message is about this project: moss, rpms/moss, or rpms for all of a namespace.",
            arguments=(Argument("project", "Project", SEVERAL, "fedora-infra/ansible"),),
            holds=concerns_project,
        ),
        ApplicationRule(
            name="pagure_specific_project_tag_filter",
            title="About a project with a tag",
            help="The message is about a project that has this tag, as its settings give it.",
            arguments=(Argument("tags", "Tags", SEVERAL, "fedora-infra"),),
            holds=concerns_tagged_project,
        ),
    ),
)
