"""Tests of builds, updates, pull requests and the like, in the format that CI systems agreed upon.

Since 2019, topics are ``ci.ARTIFACT.test.STATE``. The first version of the format (0.1) had what's in
``test`` today beside it, and called the result ``status`` and the contact ``ci``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.builds import package_name
from fmn.catalog.centos_ci import CENTOS_CI
from fmn.catalog.events import EventType, Outcome, Package, Severity, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import SERIES_LENGTH, join_series, labelled, paragraphs

#: Results that ask for somebody's attention.
BAD_RESULTS = frozenset({"failed", "needs_inspection"})

#: What a test came to, by its result; others are told as they are.
RESULTS = {
    "passed": "passed",
    "failed": "failed",
    "needs_inspection": "needs inspection",
    "info": "gave information",
    "not_applicable": "doesn't apply",
}

#: A body for examples.
TEST: dict[str, Any] = {
    "contact": {"name": "Fedora CI", "team": "Fedora CI", "email": "ci@lists.example.org"},
    "run": {"url": "https://jenkins.example.org/job/tier0/2101/", "log": "https://jenkins.example.org/2101/log"},
    "artifact": {
        "type": "koji-build", "id": 9201, "issuer": "mary", "component": "moss", "nvr": "moss-2.4-1.fc44",
        "scratch": False,
    },
    "pipeline": {"id": "5b1c0f6d", "name": "tier0"},
    "test": {"category": "functional", "namespace": "fedora-ci.koji-build", "type": "tier0"},
    "generated_at": "2026-03-14T09:26:53Z", "version": "0.2.1",
}
RESULT: dict[str, Any] = {**TEST["test"], "result": "failed", "note": "1 of 20 tests failed"}


class Test(EventType):
    """Something happened to a test."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "artifact", "issuer") or None

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return packages_of(m.at("artifact"))

    def link(self, m: MessageReader) -> str:
        return m.text("run", "url") or m.text("run", "log") or CENTOS_CI

    def subject(self, m: MessageReader) -> Sequence[str]:
        return (name_of(m), m.topic_part(1), m.text("artifact", "id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name, result = name_of(m), result_of(m)
        return {
            **super().template_values(m),
            "name": name or "a test",
            "test": f"The test {name}" if name else "A test",
            "artifact": describe(m.at("artifact")),
            "result": RESULTS.get(result, f"ended as {result}" if result else "is complete"),
        }

    def long(self, m: MessageReader) -> str:
        return paragraphs(
            m.text("error", "reason") or m.text("reason"),
            m.text("test", "note") or m.text("note"),
            labelled(
                Issue=m.text("error", "issue_url") or m.text("issue_url"),
                Log=m.text("run", "log"),
                About_the_test=m.text("test", "docs") or m.text("docs"),
                Contact=m.text("contact", "email") or m.text("ci", "email"),
            ),
        )


def details(m: MessageReader) -> JsonNode:
    """The object with a test's name and result: the body itself in the first version of the format."""
    return m.at("test") if m.keys("test") else m


def name_of(m: MessageReader) -> str:
    """A test's name in the database of results: ``fedora-ci.koji-build.tier0.functional``."""
    return ".".join(filter(None, (details(m).text(key) for key in ("namespace", "type", "category"))))


def result_of(m: MessageReader) -> str:
    """What a test came to."""
    return details(m).text("result") or details(m).text("status")


def describe(artifact: JsonNode) -> str:
    """What's tested, as part of a sentence."""
    builds = join_series((build.text("nvr") for build in artifact.nodes("builds")), most=SERIES_LENGTH - 1)
    name = artifact.text("nvr") or artifact.text("alias") or builds
    if name:
        return name
    kind, number = artifact.text("type"), artifact.text("id")
    package = next((str(package) for package in packages_of(artifact) if package.name), "")
    known = " ".join(filter(None, [kind, number]))
    return f"{known} of {package}" if known and package else known or package or "something"


def packages_of(artifact: JsonNode) -> Iterator[Package]:
    """The packages in what's tested: a build's, an update's, or the one that a pull request is for."""
    if component := artifact.text("component"):
        yield Package("", component)
    for build in artifact.nodes("builds"):
        yield Package("", build.text("component") or package_name(build.text("nvr")))
    namespace, _, name = "/".join(artifact.text("repository").split("/")[-2:]).partition("/")
    if name and not component:
        yield Package(namespace, name)


class TestQueued(Test):
    """A test waits to run."""

    topics = ("ci.*.test.queued",)
    rule = "ci_artifact_test_queued"
    title = "Test queued"
    summary_template = "{test} of {artifact} will start"
    group_summary_template = "Tests of {artifact:artifacts} will start: {name:tests}"
    severity = Severity.DEBUG
    example = sample(**TEST)
    example_topic = "ci.koji-build.test.queued"


class TestRunning(Test):
    """A test is running."""

    topics = ("ci.*.test.running",)
    rule = "ci_artifact_test_running"
    title = "Test started"
    summary_template = "{test} of {artifact} started"
    group_summary_template = "Tests of {artifact:artifacts} started: {name:tests}"
    severity = Severity.DEBUG
    example = sample(**TEST)
    example_topic = "ci.koji-build.test.running"


class TestFailed(Test):
    """A test failed, or somebody has to look at its result."""

    topics = ("ci.*.test.complete",)
    rule = "ci_artifact_test_failed"
    title = "Test failed"
    summary_template = "{test} of {artifact} {result}"
    group_summary_template = "Test results for {artifact:artifacts}: {result:alike} ({name:tests})"
    severity = Severity.WARNING
    count_noun = "failed test"
    example = sample(**{**TEST, "test": RESULT})
    example_topic = "ci.koji-build.test.complete"
    default_outcome = Outcome.FAILED

    def matches(self, m: MessageReader) -> bool:
        return result_of(m) in BAD_RESULTS


class TestPassed(Test):
    """A test passed, or came to some other result that needs no attention."""

    topics = ("ci.*.test.complete",)
    rule = "ci_artifact_test_passed"
    title = "Test passed"
    summary_template = "{test} of {artifact} {result}"
    group_summary_template = "Test results for {artifact:artifacts}: {result:alike} ({name:tests})"
    example = sample(**{**TEST, "test": {**RESULT, "result": "passed", "note": "20 tests passed"}})
    example_topic = "ci.koji-build.test.complete"

    def outcome(self, m: MessageReader) -> Outcome | None:
        return Outcome.SUCCEEDED if result_of(m) == "passed" else None


class TestError(Test):
    """A test couldn't be run to its end."""

    topics = ("ci.*.test.error",)
    rule = "ci_artifact_test_error"
    title = "Test not run"
    summary_template = "{test} of {artifact} could not be run"
    group_summary_template = "Tests of {artifact:artifacts} could not be run: {name:tests}"
    severity = Severity.WARNING
    count_noun = "broken test"
    example = sample(**TEST, error={"reason": "No machine to run on"})
    example_topic = "ci.koji-build.test.error"
    default_outcome = Outcome.FAILED


EVENTS = (TestQueued, TestRunning, TestFailed, TestPassed, TestError)
