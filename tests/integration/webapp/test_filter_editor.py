"""The filter editor without scripts, on both databases: it works by its buttons and keeps what's typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import update
from webtest import TestApp

from fmn.filters.editing import edit_filter, remove_filter, set_filter_enabled, snooze_filter
from fmn.filters.expressions import ME, All, AnyOf, Not, Rule
from fmn.filters.models import StoredExpression
from fmn.infra.clock import utc_now
from fmn.wiring import Services
from tests.integration.webapp.filter_forms import NEW, TAG, editor, filters, press
from tests.integration.webapp.world import MINE, NAME, World


class TestANewFilter:
    def test_is_made_by_buttons_alone_and_counts_for_the_next_message(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        # Given a form in which a name is typed, when a rule is looked for and added
        form = editor(alice.get(NEW))
        form["name"] = "Comments <b>"
        form["search"] = "comment update"
        form = editor(press(form, "search"))
        form = editor(press(form, "add:bodhi_update_comment"))

        # Then the name is there still and the search is over, and what's added next is about me until it's
        # told otherwise
        assert (form["name"].value, form["search"].value) == ("Comments <b>", "")
        form = editor(press(form, "add:user_filter"))
        assert form["with-1-fasnick"].value == "@me"
        form["holds-1"] = "no"
        form["oneshot"] = True

        # And saved it's the last of the filters, and lets the next message through
        saved = press(form, "save", status=303)
        assert saved.location == "http://localhost/preferences/email"
        expected = All((Rule("bodhi_update_comment"), Not(Rule.of("user_filter", {"fasnick": ME}))))
        assert filters(services)[1:] == [("Comments <b>", expected, True, True)]
        world.receive_comment(package="fern")
        assert world.notifications == 1

    def test_sent_twice_is_one_filter(self, alice: TestApp, services: Services) -> None:
        form = editor(press(editor(alice.get(NEW)), "add:user_package_filter"))
        press(form, "save", status=303)
        press(form, "save", status=303)
        assert [name for name, *_ in filters(services)] == [NAME, "About my packages"]

    def test_begins_with_what_a_link_names(self, alice: TestApp, world: World) -> None:
        form = editor(alice.get(f"{NEW}?rule=koji_tag&rule=nonsense"))
        assert form["rule-0"].value == "koji_tag"

        form = editor(alice.get(f"{NEW}?from={world.receive_recent_comment()}"))
        assert (form["rule-0"].value, form["with-1-package"].value) == ("bodhi_update_comment", "rpms/moss")
        alice.get(f"{NEW}?from=nonsense").mustcontain("That message was deleted")

    def test_is_typed_as_text_by_experts(self, alice: TestApp, services: Services) -> None:
        form = editor(press(editor(alice.get(NEW)), "text"))
        form["text"] = "koji_tag or\nkoji_untag)"
        page = press(form, "save", status=422)
        form = editor(page)
        page.mustcontain(
            "Unexpected &#39;)&#39; at character 23: there is no parenthesis to close.", "aria-invalid=true")
        assert form["text"].value == "koji_tag or\nkoji_untag)"

        page.mustcontain('<code class="excerpt">koji_tag or koji_untag<mark>)</mark></code>')
        form["text"] = "koji_tag or\nkoji_untag"
        form = editor(press(form, "rows"))
        form["name"] = "Tags"
        press(form, "save", status=303)
        assert filters(services)[1][:2] == ("Tags", AnyOf((TAG, Rule("koji_untag"))))


#: Rules, what's typed into the form that they make, and what is said of it.
REFUSED: Sequence[tuple[str, Mapping[str, str], str]] = (
    ("", {}, "A filter or group without rules never matches. Add a rule."),
    ("package_filter", {}, "Fill in “Package” in the rule “Concerns a package”."),
    ("package_filter", {"with-0-package": "python-*"}, "&#39;python-*&#39; is a pattern: the rule"),
    ("koji_tag", {"holds-0": "no"}, "This filter only excludes messages"),
    ("regex_filter", {"with-0-pattern": "("}, "The regular expression &#39;(&#39; can&#39;t be used"),
    ("koji_tag", {"name": "x" * 201}, "A name can have 200 characters at most, and this one has 201."),
    ("koji_tag", {"name": "a\u202eb"}, "There is a character in the name that can’t be shown"),
)
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea><script>", "${7*7}")


class TestWhatCannotBeSaved:
    def test_is_said_in_a_sentence_and_nothing_is_lost(self, alice: TestApp, services: Services) -> None:
        for rule, typed, sentence in REFUSED:
            form = editor(alice.get(f"{NEW}?rule={rule}"))
            for name, value in typed.items():
                form[name] = value

            page = press(form, "save", status=422)

            page.mustcontain(sentence)
            assert {name: editor(page)[name].value for name in typed} == typed
        assert filters(services) == [(NAME, MINE, True, False)]

    def test_warnings_keep_nobody_from_saving(self, alice: TestApp, world: World, services: Services) -> None:
        form = editor(alice.get(f"{NEW}?rule=koji_tag&rule=koji_catchall"))
        page = press(form, "look")
        page.mustcontain("“Anything from Koji”", "has no effect")
        press(editor(page), "save", status=303)
        assert len(filters(services)) == 2

    def test_unknown_people_and_packages_are_warned_of(self, alice: TestApp, services: Services) -> None:
        form = editor(alice.get(f"{NEW}?rule=package_filter&rule=actor"))
        form["with-0-package"], form["with-1-fasnick"] = "moss, rpms/mos", "bobb"
        page = press(form, "look")
        page.mustcontain("“rpms/mos” is no package that FMN knows.", "“bobb” is no person that FMN knows.")
        press(editor(page), "save", status=303)
        assert len(filters(services)) == 2

    def test_too_much_of_it_is_refused(self, alice: TestApp, services: Services) -> None:
        rules = {f"rule-{number}": "koji_tag" for number in range(2_000)}
        for form, limit in (
            ({"shape": "text", "text": "x" * 30_000}, "the limit is 20,000"),
            ({"shape": "rows", **rules}, "500 is the most"),
        ):
            sent = {"csrf_token": alice.cookies["csrf_token"], "do": "save", **form}
            alice.post(NEW, sent, status=422).mustcontain(limit)
        assert len(filters(services)) == 1


class TestASavedFilter:
    def test_is_changed(self, alice: TestApp, world: World, services: Services) -> None:
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        assert form["name"].value == NAME
        assert [form[f"holds-{number}"].value for number in range(3)] == ["yes", "no", "no"]
        form = editor(press(form, "remove:1"))
        form["name"] = "Mine"
        form["enabled"] = False
        press(form, "save", status=303)

        expected = All((MINE.parts[0], MINE.parts[2]))
        assert filters(services) == [("Mine", expected, False, False)]

    def test_with_alternatives_is_shown_in_groups_that_buttons_fill(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        # Given alternatives, one of which is a group with exceptions
        with services.database.transaction() as session:
            edit_filter(session, world.filter_id, lambda spec: spec.replaced(expression=AnyOf((TAG, MINE))))
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        assert (form["match"].value, form["group-1"].value) == ("any", "all")
        assert [form[f"holds-{number}"].value for number in (2, 3, 4)] == ["yes", "no", "no"]

        # When a rule is added to the group, and another in a group within it
        form = editor(press(form, "into:1"))
        assert form["into"].value == "1"
        form = editor(press(form, "add:actor"))
        form = editor(press(form, "group:1"))
        form = editor(press(form, "add:user_filter"))
        form["group-6"] = "none"
        press(form, "save", status=303)

        # Then it's the same with these
        actor, named = Rule.of("actor", {"fasnick": ME}), Rule.of("user_filter", {"fasnick": ME})
        group = All((*MINE.parts, actor, Not(AnyOf((named,)))))
        assert filters(services)[0][1] == AnyOf((TAG, group))

    def test_that_is_not_for_rows_is_shown_as_text(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        with services.database.transaction() as session:
            edit_filter(session, world.filter_id, lambda spec: spec.replaced(
                expression=AnyOf((TAG, Not(Not(MINE))))))
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        assert form["text"].value.startswith("koji_tag or not not (user_package_filter(@me) and not ")
        page = press(form, "rows")
        page.mustcontain("This filter uses double negation")
        assert editor(page)["text"].value == form["text"].value

    def test_is_left_at_once_or_after_a_question_if_something_would_be_lost(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        # Given a form in which nothing was changed but how it's shown
        where = "http://localhost/preferences/email"
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        assert press(form, "cancel", status=303).location == where
        form = editor(press(form, "text"))
        assert press(form, "cancel", status=303).location == where
        # When the name is another one, then that is asked about, and kept
        form["name"] = "Mine"
        page = press(form, "cancel")
        page.mustcontain("You have unsaved changes.", "Discard my changes")
        assert editor(page)["name"].value == "Mine"
        assert press(editor(alice.get(f"{NEW}?rule=koji_tag")), "cancel", status=303).location == where
        assert filters(services) == [(NAME, MINE, True, False)]

    def test_that_cannot_be_read_any_more_can_be_made_anew(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        with services.database.transaction() as session:
            session.execute(update(StoredExpression).values(body={"rule": 1}))
        page = alice.get(f"/filters/{world.filter_id}")
        page.mustcontain("FMN can&#39;t read this filter any more")
        form = editor(press(editor(page), "add:user_package_filter"))
        press(form, "save", status=303)
        assert filters(services)[0][:2] == (NAME, Rule.of("user_package_filter", {"fasnick": ME}))

    def test_stays_off_if_that_happened_while_it_was_edited(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        with services.database.transaction() as session:
            set_filter_enabled(session, world.filter_id, enabled=False)
        form["name"] = "Mine"
        press(form, "save", status=303)
        assert filters(services) == [("Mine", MINE, False, False)]


    def test_holds_failures_for_as_long_as_is_typed(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        # Given what nobody can read, then it's said beside the field, and nothing is lost
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        form["name"], form["delay"] = "Mine", "soon"
        page = press(form, "save", status=422)
        page.mustcontain("Enter the minutes as a number, or leave this empty.")
        form = editor(page)
        assert (form["name"].value, form["delay"].value) == ("Mine", "soon")
        # When it's a number, then that is kept, and shown in the list and here
        form["delay"] = "15"
        saved = press(form, "save", status=303).follow()
        saved.mustcontain("Failures are delayed by 15 minutes and skipped if they recover.")
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        assert form["delay"].value == "15"
        # and without one they aren't held any more
        form["delay"] = ""
        assert "Failures are delayed" not in press(form, "save", status=303).follow()

    def test_has_a_note_for_its_owner(self, alice: TestApp, world: World) -> None:
        # Given a note that is too long, then it's said beside the field, and nothing is lost
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        form["note"] = "x" * 501
        page = press(form, "save", status=422)
        page.mustcontain("A note can have 500 characters at most, and this one has 501.")
        form = editor(page)
        assert form["note"].value == "x" * 501
        # When it's a sentence, then that is shown in the list and here
        form["note"] = "For <b>Bob</b>"
        press(form, "save", status=303).follow().mustcontain("Your note: For &lt;b&gt;Bob&lt;/b&gt;")
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        assert form["note"].value == "For <b>Bob</b>"
        # and it goes when it's emptied
        form["note"] = ""
        press(form, "save", status=303).follow().mustcontain(no=["Your note"])

    def test_that_sleeps_says_until_when_and_wakes_when_it_is_switched_on(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        now = utc_now()
        with services.database.transaction() as session:
            snooze_filter(session, world.filter_id, now + timedelta(days=3), now)
        page = alice.get(f"/filters/{world.filter_id}")
        page.mustcontain(f"This filter is snoozed until {now + timedelta(days=3):%A} at ")
        form = editor(page)
        form["enabled"] = True
        press(form, "save", status=303)
        assert filters(services) == [(NAME, MINE, True, False)]


class TestTwoWindows:
    def test_the_second_sees_what_the_first_saved_and_may_save_over_it(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        # Given two windows, of which one saved
        where = f"/filters/{world.filter_id}"
        first, second = editor(alice.get(where)), editor(alice.get(where))
        first["name"] = "First"
        press(first, "save", status=303)

        # When the other saves something else
        second["name"] = "Second"
        second = editor(press(second, "remove:2"))
        page = press(second, "save", status=409)

        # Then it says what is there, keeps what was typed, and saves it when told again
        page.mustcontain("The saved filter is now <b>First</b>", "About my packages, but not ", "Overwrite")
        assert filters(services)[0][0] == "First"
        form = editor(page)
        assert form["name"].value == "Second"
        press(form, "save", status=303)
        assert filters(services) == [("Second", All(MINE.parts[:2]), True, False)]

    def test_what_was_typed_outlives_the_filter(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        with services.database.transaction() as session:
            remove_filter(session, world.filter_id)
        form["name"] = "Anew"
        page = press(form, "save", status=404)
        page.mustcontain("This filter was deleted.")
        press(editor(page), "save", status=303)
        assert filters(services) == [("Anew", MINE, True, False)]


class TestMallory:
    def test_sees_and_changes_nothing_of_others(
        self, mallory: TestApp, world: World, services: Services,
    ) -> None:
        form = editor(mallory.get(f"{NEW}?rule=koji_tag"))
        mallory.get(f"/filters/{world.filter_id}", status=404)
        page = mallory.post(
            f"/filters/{world.filter_id}", [*form.submit_fields(), ("do", "save")], status=404)
        page.mustcontain(no=[NAME])
        assert filters(services) == [(NAME, MINE, True, False)]

    def test_finds_nothing_that_is_not_escaped(self, alice: TestApp, world: World) -> None:
        for text in HOSTILE:
            world.receive_recent_comment(author=text.replace(" ", ""), text=text, package="moss")
            form = editor(alice.get(f"{NEW}?rule=package_filter&rule=field"))
            for name in ("name", "search", "message", "with-0-package", "with-1-path"):
                form[name] = text
            page = press(form, "look")
            assert editor(page)["name"].value == text
            page.mustcontain(no=["<script>", "<img src=x"])
            form = editor(press(editor(page), "text"))
            form["text"] = text
            page = press(form, "save", status=422)
            assert editor(page)["text"].value == text
            page.mustcontain(no=["<script>alert", "</textarea><script>"])
