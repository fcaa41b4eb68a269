"""Koji, the build system: builds, scratch builds, tags, repositories."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.buildsys import tags
from fmn.catalog.applications.buildsys.base import SECONDARY_INSTANCES, Koji
from fmn.catalog.applications.buildsys.builds import BUILD_STATES, SCRATCH_BUILD_STATES
from fmn.catalog.events import SEVERAL, Application, ApplicationRule, Argument, Facts
from fmn.text import split_list


def from_instance(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message says that it's from one of the instances."""
    if facts.message.category != "buildsys":
        return False
    return facts.reader.text("instance") in split_list(arguments.get("instance", ""))


APPLICATION = Application(
    category="buildsys",
    title="Koji",
    help="Builds: started, completed, failed, tagged, signed.",
    catchall="koji_catchall",
    icon="https://fedoraproject.org/w/uploads/2/20/Artwork_DesignService_koji-icon-48.png",
    other=Koji,
    events=(*BUILD_STATES, *SCRATCH_BUILD_STATES, *tags.EVENTS),
    rules=(
        ApplicationRule(
            name="koji_build_state_change",
            title="Build changed its state",
            help="A build started, completed, failed, was cancelled or deleted.",
            any_of=frozenset(event.rule_name() for event in BUILD_STATES),
        ),
        ApplicationRule(
            name="koji_scratch_build_state_change",
            title="Scratch build changed its state",
            help="A scratch build started, completed, failed or was cancelled.",
            any_of=frozenset(event.rule_name() for event in SCRATCH_BUILD_STATES),
        ),
        ApplicationRule(
            name="koji_instance",
            title="From one Koji instance",
            help="The message says that it's from this instance of Koji: primary, arm, ppc or s390.",
            arguments=(Argument(
                "instance", "Instance", SEVERAL, "primary",
                choices=("primary", *sorted(SECONDARY_INSTANCES))),),
            holds=from_instance,
        ),
    ),
)
