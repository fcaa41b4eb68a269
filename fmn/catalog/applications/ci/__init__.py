"""Continuous integration: tests of builds, updates and pull requests, and the pipelines before them."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.applications.ci import pipelines, tests
from fmn.catalog.centos_ci import CENTOS_CI, ICON
from fmn.catalog.events import Application, ApplicationRule, EventType, Facts
from fmn.catalog.message_reader import MessageReader

#: The tests that FMN 2 knew.
TESTS = frozenset({
    "ci_package_test_complete", "ci_compose_test_integration_complete", "ci_image_test_complete"})


class Other(EventType):
    """Anything else from CI."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "username") or person(m, "artifact", "issuer") or None

    def link(self, m: MessageReader) -> str:
        return m.text("build_url") or m.text("run", "url") or CENTOS_CI


def succeeded(facts: Facts, _arguments: Mapping[str, str]) -> bool:
    """Whether a step says that it succeeded, which also those say that didn't end yet."""
    return facts.message.category == "ci" and facts.reader.text("status").lower() == "success"


def passed(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether tests in the pipeline for Atomic Host succeeded."""
    return facts.event.name in TESTS and succeeded(facts, arguments)


APPLICATION = Application(
    category="ci",
    title="Continuous integration",
    help="Tests of builds, updates and pull requests, and until 2020 pipelines that built and tested.",
    catchall="ci_catchall",
    icon=ICON,
    topic_prefix="org.centos",
    other=Other,
    events=(*tests.EVENTS, *pipelines.EVENTS),
    rules=(
        ApplicationRule(
            name="ci_step_complete",
            title="Step of a pipeline succeeded",
            help="A step of a pipeline says that all is well, also one that's still running.",
            holds=succeeded,
        ),
        ApplicationRule(
            name="ci_test_passed",
            title="Tests in the pipeline for Atomic Host succeeded",
            help="The tests of a package, a compose or an image in the pipeline for Atomic Host succeeded.",
            holds=passed,
        ),
        # FMN 2's rules of these names always asked for the tests of packages. People who have them know.
        *(
            ApplicationRule(
                name=f"ci_compose_test_{state}",
                title=f"Functional tests {state} (under another name)",
                help="The same as the rule for functional tests of a package: its name promises composes.",
                any_of=frozenset({f"ci_package_test_{state}"}),
            )
            for state in ("queued", "running", "complete")
        ),
    ),
)
