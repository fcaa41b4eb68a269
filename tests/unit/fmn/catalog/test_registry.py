from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from fmn.catalog import (
    Application,
    ApplicationRule,
    Catalog,
    EventType,
    Facts,
    MessageReader,
    Package,
    catalog,
)
from fmn.catalog.registry import CatalogError, extended
from tests.messages import message, reading

#: Writes the module of an application, and gives the entry point that names it.
Installed = Callable[[str], EntryPoint]

IMPORT = "from fmn.catalog import Application, EventType\n"


class Moss(EventType):
    """Moss grew."""

    topics = ("forest.moss",)
    title = "Moss"
    summary_template = "{who} saw moss grow"


class WetMoss(Moss):
    """Moss grew in the rain."""

    rule = "forest_wet_moss"

    def matches(self, m: MessageReader) -> bool:
        return m.flag("wet")


class Tree(Moss):
    """Something happened to a tree."""

    topics = ("forest.tree.*.felled",)


class AnyTree(Moss):
    """Something else happened to a tree."""

    topics = ("forest.tree.**",)


class Broken(Moss):
    """A rotten entry."""

    topics = ("forest.rotten",)

    def agent(self, m: MessageReader) -> str | None:
        raise KeyError("agent")

    def summary(self, m: MessageReader) -> str:
        raise KeyError("summary")


def application(category: str = "forest", *events: type[EventType], **more: object) -> Application:
    return Application(category=category, title=category.title(), help="What grows.", events=events, **more)  # type: ignore[arg-type]


FOREST = Catalog([application("forest", WetMoss, Moss, AnyTree, Tree, Broken)])


def holds(_facts: Facts, _arguments: object) -> bool:
    return True


class TestEventOf:
    @pytest.mark.parametrize(("title", "body", "name"), [
        ("forest.moss", {}, "forest_moss"),
        ("forest.moss", {"wet": True}, "forest_wet_moss"),
        ("forest.tree.oak.felled", {}, "forest_tree_any"),
        ("forest.tree.oak", {}, "forest_tree_any"),
        ("forest.tree", {}, "forest_tree_any"),
        ("forest.moss.more", {}, "forest_any"),
        ("forest", {}, "forest_any"),
        ("meadow.moss", {}, "_any"),
        ("", {}, "_any"),
    ])
    def test_a_message_is_of_the_first_event_type_that_fits(
        self, title: str, body: object, name: str,
    ) -> None:
        assert FOREST.event_of(reading(body, title=title)).name == name

    def test_a_wildcard_stands_for_one_part(self) -> None:
        only = Catalog([application("forest", Tree)])

        assert only.knows(message("forest.tree.oak.felled"))
        assert not only.knows(message("forest.tree.old.oak.felled"))
        assert not only.knows(message("forest.tree.felled"))

    def test_what_only_the_fallback_reads_is_not_known(self) -> None:
        assert FOREST.knows(message("forest.moss"))
        assert not FOREST.knows(message("forest.fire"))
        assert not FOREST.knows(message("meadow.moss"))


class TestFacts:
    def test_empty_names_are_nobody_and_nothing(self) -> None:
        class Nothing(Moss):
            """Nothing happened."""

            def usernames(self, m: MessageReader) -> Iterable[str | None]:
                return (None, "", "mary")

            def packages(self, m: MessageReader) -> Iterable[Package]:
                return (Package("rpms", ""), Package("", "moss"))

        facts = Catalog([application("forest", Nothing)]).facts(message("forest.moss"))

        assert facts.usernames == {"mary"}
        assert facts.packages == {Package("", "moss")}

    def test_accounts_are_looked_up_with_what_the_caller_gives(self) -> None:
        class ByAddress(Moss):
            """Somebody wrote."""

            def agent(self, m: MessageReader) -> str | None:
                return m.account(m.text("from"))

        wrote = Catalog([application("forest", ByAddress)])

        assert wrote.facts(message("forest.moss", {"from": "mary_"}), {"mary_": "mary"}.get).agent == "mary"
        assert wrote.facts(message("forest.moss", {"from": "mary_"})).agent is None

    def test_an_unknown_application_s_agent_is_still_read(self) -> None:
        assert FOREST.facts(message("meadow.grass", {"agent": "mary"})).usernames == {"mary"}

    def test_a_failing_entry_is_logged_and_the_message_goes_on_without_facts(self) -> None:
        with capture_logs() as logged:
            facts = FOREST.facts(message("forest.rotten", {"agent": "mary"}))

        assert (facts.event.name, facts.usernames) == ("forest_rotten", frozenset())
        assert logged[0]["event"] == "catalogue entry failed"
        assert logged[0]["event_type"] == "forest_rotten"


class TestDescribe:
    def test_texts_are_cleaned_and_links_are_web_pages(self) -> None:
        class Dirty(Moss):
            """Mud."""

            def summary(self, m: MessageReader) -> str:
                return " moss \n grew\x00 "

            def long(self, m: MessageReader) -> str:
                return "\nfirst\x1b[31m \n  second\n\n"

            def link(self, m: MessageReader) -> str:
                return "javascript:alert(1)"

            def icon(self, m: MessageReader) -> str:
                return "file:///etc/passwd"

        described = Catalog([application("forest", Dirty)]).describe(message("forest.moss"))

        assert described.summary == "moss grew"
        assert described.long == "first[31m\n  second"
        assert (described.link, described.icon, described.secondary_icon) == ("", "", "")
        assert described.title == "forest.moss"

    def test_an_unknown_message_is_told_of_by_its_topic(self) -> None:
        summary = FOREST.describe(message("meadow.grass")).summary

        assert summary == "Message meadow.grass from an application that the catalogue doesn't know"

    def test_a_failing_entry_is_logged_and_the_message_told_of_as_unknown(self) -> None:
        with capture_logs() as logged:
            described = FOREST.describe(message("forest.rotten"))

        assert described.summary.startswith("Message forest.rotten")
        assert logged[0]["event"] == "catalogue entry failed"


class TestApplications:
    def test_a_category_belongs_to_one_application(self) -> None:
        with pytest.raises(CatalogError, match="two applications claim the category 'forest'"):
            Catalog([application(), application()])

    def test_rules_have_names_of_their_own(self) -> None:
        with pytest.raises(CatalogError, match="2 rules are named 'forest_moss'"):
            Catalog([application("forest", Moss, catchall="forest_moss")])

    def test_a_rule_says_when_it_holds(self) -> None:
        rule = ApplicationRule("forest_rule", "Rule", "A rule.")

        with pytest.raises(CatalogError, match="'forest_rule' needs either a test or event types"):
            Catalog([application("forest", rules=(rule,))])

    def test_a_rule_does_not_say_so_twice(self) -> None:
        moss = frozenset({"forest_moss"})
        rule = ApplicationRule("forest_rule", "Rule", "A rule.", holds=holds, any_of=moss)

        with pytest.raises(CatalogError, match="needs either"):
            Catalog([application("forest", Moss, rules=(rule,))])

    def test_a_rule_names_event_types_that_exist(self) -> None:
        events = frozenset({"forest_moss", "forest_mos"})
        rule = ApplicationRule("forest_rule", "Rule", "A rule.", any_of=events)

        with pytest.raises(CatalogError, match="names the unknown event type 'forest_mos'"):
            Catalog([application("forest", Moss, rules=(rule,))])

    def test_event_types_are_found_by_name(self) -> None:
        assert FOREST.events_by_name["forest_wet_moss"].help == "Moss grew in the rain."

    def test_the_built_in_ones_are_there(self) -> None:
        assert {"bodhi", "buildsys", "git", "pagure", "fas", "fedbadges"} <= set(catalog().applications)

    def test_an_event_type_has_a_topic(self) -> None:
        with pytest.raises(TypeError, match="the event type Nothing names no topics"):
            application("forest", type("Nothing", (EventType,), {}))

    def test_topics_are_of_the_application_s_category(self) -> None:
        # Or else it would read the messages of another one.
        with pytest.raises(CatalogError, match=r"'forest\.moss' of the event type 'forest_moss' isn't"):
            Catalog([application("meadow", Moss)])


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """Makes a module with this text importable, and gives the entry point that names it."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(text: str) -> EntryPoint:
        module = f"forest_{uuid4().hex}"
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        return EntryPoint("forest", module, "fmn.catalog")

    return write


class TestExtended:
    def test_other_projects_add_applications(self, installed: Installed) -> None:
        point = installed(f"{IMPORT}APPLICATION = Application('meadow', 'Meadow', 'What grows.')")

        assert list(extended(FOREST, [point]).applications) == ["forest", "meadow"]
        assert list(FOREST.applications) == ["forest"]

    @pytest.mark.parametrize(("text", "why"), [
        ("import lichen", "its import fails with ModuleNotFoundError: No module named 'lichen'"),
        ("1 / 0", "its import fails with ZeroDivisionError: division by zero"),
        ("if", "its import fails with SyntaxError: invalid syntax (forest_"),
        ("raise ValueError('first\\nsecond')", "its import fails with ValueError: first second"),
        ("", "it has no APPLICATION that is an fmn.catalog.Application"),
        ("APPLICATION = {}", "it has no APPLICATION that is an fmn.catalog.Application"),
        (f"{IMPORT}APPLICATION = Application('forest', '', '')",
         "two applications claim the category 'forest'"),
        (f"{IMPORT}APPLICATION = Application('meadow', '', '', catchall='forest_moss')",
         "2 rules are named 'forest_moss'"),
        (f"{IMPORT}APPLICATION = Application('meadow', '', '', events=[EventType])",
         "its import fails with TypeError: the event type EventType names no topics"),
    ])
    def test_a_broken_one_is_refused_by_name_with_the_reason(
        self, installed: Installed, text: str, why: str,
    ) -> None:
        point = installed(text)

        with pytest.raises(CatalogError) as caught:
            extended(FOREST, [point])

        named = f"the entry point forest = {point.value} (fmn.catalog), which a package brings, can't be used"
        assert str(caught.value).startswith(f"{named}: {why}")
        assert "\n" not in str(caught.value)
