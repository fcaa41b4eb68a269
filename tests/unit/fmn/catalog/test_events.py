from __future__ import annotations

from collections.abc import Mapping

import pytest

from fmn.catalog import Application, EventType, MessageReader, Package, Severity
from fmn.catalog.events import sample
from tests.messages import facts, reading


class Growth(EventType):
    """Moss grew.

    Not every day.
    """

    topics = ("forest.moss.*",)
    title = "Growth"
    summary_template = "{who} saw {what} grow"
    example = sample(agent="mary", what="moss")
    example_topic = "forest.moss.grew"

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "what": m.text("what") or "something"}


FOREST = Application(
    category="forest", title="Forest", help="What grows.", events=(Growth,), icon="https://forest.example.org/icon.png")
GROWTH = FOREST.event_types[0]


def test_an_event_type_is_named_by_its_rule_or_its_topic() -> None:
    class Felled(Growth):
        """A tree was felled."""

        topics = ("forest.tree-felled.**",)

    class Named(Growth):
        """A tree was named."""

        rule = "forest_named"

    assert GROWTH.name == "forest_moss_any"
    assert Felled.rule_name() == "forest_tree_felled_any"
    assert Named.rule_name() == "forest_named"


def test_help_is_the_first_line_of_the_docstring() -> None:
    assert GROWTH.help == "Moss grew."


def test_the_summary_is_a_template_filled_with_words() -> None:
    assert GROWTH.summary(reading({"agent": "mary", "what": "{who} {0}"})) == "mary saw {who} {0} grow"
    assert GROWTH.summary(reading({})) == "Somebody saw something grow"


def test_nothing_more_is_known_without_being_told() -> None:
    m = reading({"agent": {"name": "mary"}})

    assert GROWTH.agent(m) == "mary"
    assert set(GROWTH.usernames(m)) == {"mary"}
    assert list(GROWTH.packages(m)) == []
    assert GROWTH.matches(m)
    assert (GROWTH.link(m), GROWTH.long(m)) == ("", "")
    assert GROWTH.icon(m) == FOREST.icon
    assert "libravatar" in GROWTH.secondary_icon(m)
    assert GROWTH.secondary_icon(reading({})) == ""


def test_the_example_is_a_message() -> None:
    message = GROWTH.example_message()

    assert message.topic == "org.fedoraproject.prod.forest.moss.grew"
    assert message.body == {"agent": "mary", "what": "moss"}


def test_an_example_is_not_changed() -> None:
    with pytest.raises(TypeError):
        Growth.example["agent"] = "mallory"  # type: ignore[index]


def test_an_application_reads_what_no_event_type_stands_for() -> None:
    assert FOREST.fallback.summary(reading({}, title="forest.fire")) == "Message forest.fire from Forest"
    assert FOREST.fallback.help == "Any other message from Forest."


def test_an_application_has_such_an_event_type_for_each_severity() -> None:
    class Quiet(EventType):
        """Anything from a quiet application."""

        severity = Severity.DEBUG

    quiet = Application("moor", "Moor", "Lies there.", other=Quiet)

    assert {severity: event.name for severity, event in FOREST.fallbacks.items()} == {
        Severity.DEBUG: "forest_any_debug", Severity.INFO: "forest_any",
        Severity.WARNING: "forest_any_warning", Severity.ERROR: "forest_any_error"}
    assert (quiet.fallback.name, quiet.fallbacks[Severity.INFO].name) == ("moor_any", "moor_any_info")
    assert all(event.severity is severity for severity, event in quiet.fallbacks.items())
    assert all(map(quiet.is_fallback, quiet.fallbacks.values()))
    assert not FOREST.is_fallback(GROWTH)


def test_packages_are_told_apart_by_namespace() -> None:
    assert str(Package("modules", "httpd")) == "modules/httpd"
    assert str(Package("", "httpd")) == "httpd"
    assert Package("modules", "httpd") != Package("rpms", "httpd")


def test_facts_name_packages_without_their_namespaces() -> None:
    known = facts("git.receive", {"commit": {"namespace": "modules", "repo": "httpd"}})

    assert known.packages == {Package("modules", "httpd")}
    assert known.package_names == {"httpd"}
    assert known.reader.text("commit", "repo") == "httpd"
