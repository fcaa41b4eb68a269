"""Making a filter in a real browser: with the keyboard alone, while answers are late, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect
from sqlalchemy import select

from fmn.filters.default_filters import default_filters
from fmn.filters.editing import edit_filter
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.models import Filter
from tests.browser.accessibility import axe_violations
from tests.browser.signing_in import sign_in
from tests.integration.webapp.world import NAME, World

NEW = "/preferences/email/filters/new"
#: What has the focus, as a screen reader would call it.
FOCUSED = """
  const it = document.activeElement;
  return it.labels?.length ? [...it.labels].map(each => each.textContent).join(" ") : it.textContent;
"""


def reach(page: Page, words: str) -> None:
    """Go on with Tab until what is called so has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ {FOCUSED} }})()").strip() == words:
            return
    pytest.fail(f"{words!r} can't be reached with the keyboard")


def saved(world: World) -> dict[str, Expression]:
    with world.services.database.reading() as session:
        return {each.name: each.stored.expression for each in session.scalars(select(Filter))}


def test_alice_makes_a_filter_with_the_keyboard_alone_and_sees_what_gets_through(
    page: Page, world: World,
) -> None:
    # Given what happened today
    world.receive_recent_comment(author="tom")
    world.receive_recent_comment(author="alice", package="fern")
    world.receive_recent_comment(author="mary", package="fern")
    sign_in(page, "alice")
    page.goto(NEW)

    # When she looks for a rule, only its letters are needed, and Enter in the field sends nothing away
    expect(page.get_by_label("Find a rule")).to_be_focused()
    page.keyboard.type("update comment")
    expect(page.locator("#offers").get_by_role("button").first).to_have_accessible_name(
        "Add Comment on an update")
    page.keyboard.press("Enter")
    reach(page, "Add Comment on an update")
    page.keyboard.press("Enter")

    # Then she's at the new rule, and sees what it lets through without asking
    expect(page.get_by_label("Condition")).to_be_focused()
    expect(page.locator("#words")).to_contain_text("3 messages would have matched since")
    expect(page.get_by_role("img", name="3 messages would have matched since")).to_be_visible()

    # And the search is over, so that what comes after it is near
    expect(page.get_by_label("Find a rule")).to_be_hidden()

    # When she adds another one, arrows lead to it, and back; it's about her; names are offered as she types
    # another's; and she turns it
    reach(page, "Rule Whole filter")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Find a rule")).to_be_focused()
    page.keyboard.type("Caused by a person")
    expect(page.locator("#offers").get_by_role("button")).to_have_count(1)
    for key in ("ArrowDown", "ArrowUp", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    account = page.get_by_label("Account name")
    expect(account).to_be_focused()
    expect(page.locator(".chip")).to_have_text(["@me×"])
    page.keyboard.type("ma")
    expect(page.locator("datalist[id^=names] option")).to_have_count(1)
    expect(page.locator("datalist[id^=names] option")).to_have_attribute("value", "mary")
    page.keyboard.type("ry,")
    expect(page.locator(".chip")).to_have_text(["@me×", "mary×"])
    page.keyboard.press("Backspace")  # takes it back into the field, to be corrected
    page.keyboard.press("Backspace")
    expect(page.locator(".chip")).to_have_text(["@me×"])
    for _ in ("the chip", "Remove", "Condition"):
        page.keyboard.press("Shift+Tab")
    page.keyboard.type("D")
    expect(page.locator("#words")).to_contain_text("2 messages would have matched since")

    # And why one matches, she's told below it, and not any more when she asks again
    why = page.get_by_role("button", name="Why it matches – mary commented on the update fern")
    why.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".reasons")).to_contain_text("Comment on an update")
    page.keyboard.press("Enter")
    expect(page.locator(".reasons")).to_have_count(0)

    # Then it's saved under a name that says what it does
    reach(page, "Save")
    page.keyboard.press("Enter")
    page.wait_for_url("**/preferences/email")
    assert saved(world)["“Comment on an update”, with exceptions"] == All(
        (Rule("bodhi_update_comment"), Not(Rule.of("actor", {"fasnick": ME}))))


def test_a_newcomer_clicks_while_what_is_wrong_is_about_to_be_said(page: Page, world: World) -> None:
    """Failed builds of moss, or those at least so severe, but not her own."""
    sign_in(page, "alice")
    page.goto(NEW)
    search = page.get_by_label("Find a rule")
    page.keyboard.type("failed builds")
    page.locator("#offers").get_by_role("button", name="Add Build failed", exact=True).last.click()
    page.get_by_role("button", name="Group Whole filter").click()
    expect(search).to_be_focused()

    # Given an empty group, which is said to be wrong as soon as she leaves the field, and moves all below it
    page.keyboard.type("package")
    expect(page.locator("#words")).to_have_text("Complete the rule to see a preview.")
    page.get_by_role("button", name="Add Concerns a package", exact=True).click()

    # Then what she clicks is added all the same
    expect(page.get_by_label("Package", exact=True)).to_be_focused()
    page.keyboard.type("moss,")
    page.get_by_role("button", name="Rule Group 1").click()
    expect(search).to_be_focused()
    page.keyboard.type("errors")
    page.get_by_role("button", name="Add Is at least so severe").click()
    expect(page.get_by_label("warning")).to_be_focused()
    page.get_by_label("error").check()
    page.get_by_role("button", name="Exception Whole filter").click()
    expect(search).to_be_focused()
    page.keyboard.type("except my own")
    page.get_by_role("button", name="Add Caused by a person", exact=True).click()
    expect(page.get_by_text("But not if this rule matches")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/preferences/email")
    assert list(saved(world).values())[-1] == All((
        Rule("koji_build_failed"),
        AnyOf((Rule.of("package_filter", {"package": "moss"}), Rule.of("severity", {"severity": "error"}))),
        Not(Rule.of("actor", {"fasnick": ME}))))


def test_an_expert_types_and_is_told_of_the_latest_alone(page: Page, world: World) -> None:
    world.receive_recent_comment()
    sign_in(page, "alice")
    page.clock.install()
    page.goto(f"/filters/{world.filter_id}")
    expect(page.locator("#words")).to_contain_text("1 message would have matched since")
    page.get_by_role("button", name="Edit as text").click()
    text = page.get_by_label("Expression")
    expect(text).to_be_focused()

    # Given a preview whose answer is late
    held: list[Route] = []
    page.route("**/preview", lambda route: held.append(route) if not held else route.continue_())
    text.fill("koji_tag or (")
    expect(page.locator("#words")).to_have_text("Loading preview …")

    # When she types on, and the late answer comes after that
    text.fill("not bodhi_update_comment")
    page.clock.fast_forward("00:01")
    assert len(held) == 1
    held[0].continue_()

    # Then only what is wrong with the latest is said, and it's gone when that is mended
    findings = page.locator("#findings")
    expect(page.locator("#words")).to_have_text("Complete the rule to see a preview.")
    expect(findings).to_be_empty()
    text.blur()
    expect(findings).to_contain_text("Fix this before saving")
    expect(findings).to_contain_text("This filter only excludes messages")
    text.fill("bodhi_update_comment adn koji_tag")
    expect(findings).to_be_empty()
    text.blur()
    expect(page.locator("#text-problem")).to_contain_text('did you mean "and"?')
    expect(page.locator("#text-problem mark")).to_have_text("adn")
    text.fill("bodhi_update_comment")
    expect(findings).to_be_empty()
    expect(page.locator("#text-problem")).to_be_empty()
    page.get_by_role("button", name="Edit as rows").click()
    expect(page.get_by_label("Condition")).to_be_focused()

    # And a message that she picks is judged while she edits
    page.get_by_label("Message id").fill(world.receive_recent_comment(author="alice"))
    expect(page.locator("#tried")).to_contain_text("This message matches.")
    page.get_by_label("Condition").select_option("Doesn’t match")
    expect(page.locator("#tried")).to_be_empty()


def test_the_figures_of_the_preview_are_there_for_the_keyboard_and_stay_open(
    page: Page, world: World,
) -> None:
    world.receive_recent_comment(author="tom")
    world.receive_recent_comment(author="tom", package="fern")
    sign_in(page, "alice")
    page.goto(f"{NEW}?rule=bodhi_update_comment")
    page.get_by_text("Show as a table").focus()
    page.keyboard.press("Enter")
    today = page.locator("#panel tbody tr").first.get_by_role("cell")
    expect(today.nth(1)).to_have_text("2")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Exception Whole filter").click()
    page.get_by_label("Find a rule").fill("Concerns a package")
    page.get_by_role("button", name="Add Concerns a package", exact=True).click()
    page.get_by_label("Package", exact=True).fill("fern")
    expect(today.nth(1)).to_have_text("1")
    expect(today.nth(1)).to_be_visible()


def test_a_preview_that_cannot_be_had_takes_nothing_away(browser: Browser, world: World) -> None:
    with browser.new_context(base_url=world.services.settings.web.base_url) as context:
        page = context.new_page()
        sign_in(page, "alice")
        page.route("**/preview", lambda route: route.abort())
        page.goto(f"{NEW}?rule=koji_tag")
        expect(page.locator("#words")).to_contain_text("The preview isn’t available right now.")
        page.get_by_role("button", name="Remove Build tagged").click()
        expect(page.get_by_text("No rules yet")).to_be_visible()
        page.get_by_label("Find a rule").fill("Build untagged")
        page.get_by_role("button", name="Add Build untagged").click()
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/preferences/email")
    assert "“Build untagged”" in saved(world)


def test_carol_makes_groups_by_clicking(page: Page, world: World) -> None:
    """About my packages, or from two applications but no comments."""
    sign_in(page, "alice")
    page.goto(f"{NEW}?rule=user_package_filter")
    page.get_by_label("Notify me when").focus()
    page.keyboard.type("any")
    expect(page.get_by_label("Notify me when")).to_be_focused()
    reach(page, "Group Whole filter")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Find a rule")).to_be_focused()
    page.keyboard.type("comes from an application")
    expect(page.locator("#offers").get_by_role("button")).to_have_count(1)
    reach(page, "Add Comes from an application")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Application", exact=True).first).to_be_focused()
    page.keyboard.type("koji,bodhi,")
    expect(page.locator(".group .chip")).to_have_text(["koji×", "bodhi×"])
    page.get_by_label("Kind").select_option("all of")
    page.get_by_role("button", name="Exception Group 1").click()
    page.get_by_label("Find a rule").fill("update comment")
    page.get_by_role("button", name="Add Comment on an update").click()
    expect(page.get_by_text("But not if this rule matches")).to_be_visible()

    # And a rule that's in the wrong place moves
    page.get_by_role("button", name="Rule Whole filter").click()
    page.get_by_label("Find a rule").fill("Build tagged")
    page.get_by_role("button", name="Add Build tagged").click()
    page.get_by_role("group", name="Build tagged").get_by_label("Group").select_option("Group 1")
    expect(page.locator(".group").get_by_role("group", name="Build tagged")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/preferences/email")
    assert list(saved(world).values())[-1] == AnyOf((
        Rule.of("user_package_filter", {"fasnick": ME}),
        All((Rule.of("application", {"application": "buildsys, bodhi"}), Not(Rule("bodhi_update_comment")),
             Rule("koji_tag")))))


def test_whoever_leaves_is_asked_if_something_would_be_lost(page: Page, world: World) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    sign_in(page, "alice")
    page.goto(f"/filters/{world.filter_id}")
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url("**/preferences/email")

    page.goto(f"/filters/{world.filter_id}")
    page.get_by_label("Name", exact=True).fill("Another")
    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Another")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    page.get_by_role("link", name="Discard my changes").click()
    page.wait_for_url("**/preferences/email")
    assert asked == ["beforeunload"]


def test_the_longest_default_filter_fits_on_a_screen(page: Page, world: World) -> None:
    asked = default_filters(world.services.rule_types)["Events referring to my username"]
    with world.services.database.transaction() as session:
        edit_filter(session, world.filter_id, lambda spec: spec.replaced(expression=asked))
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, "alice")
    page.goto(f"/filters/{world.filter_id}")
    expect(page.get_by_text("But not if one of these 29 rules matches")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") <= 900

    # And what saves is in sight when they're unfolded
    page.get_by_text("But not if one of these 29 rules matches").click()
    expect(page.get_by_role("button", name="Save")).to_be_in_viewport()
    page.get_by_role("button", name="Require Build tagged").click()
    expect(page.get_by_text("But not if one of these 28 rules matches")).to_be_visible()


def test_a_search_for_rules_shows_the_best_ones(page: Page, world: World) -> None:
    sign_in(page, "alice")
    page.goto(NEW)
    offers = page.locator("#offers")
    offers.evaluate("it => it.scrollTo(0, 500)")
    page.get_by_label("Find a rule").fill("build")
    expect(offers.get_by_role("button", name="Add Build failed").first).to_be_visible()
    assert offers.evaluate("it => it.scrollTop") == 0


def test_bob_makes_a_filter_without_scripts(browser: Browser, world: World) -> None:
    world.receive_recent_comment(author="tom")
    with browser.new_context(
        base_url=world.services.settings.web.base_url, java_script_enabled=False,
        viewport={"width": 320, "height": 800},
    ) as context:
        page = context.new_page()
        sign_in(page, "bob")
        page.goto(NEW)

        # Enter looks, wherever one types, and saves nothing
        page.get_by_label("Name", exact=True).fill("Comments")
        page.get_by_label("Find a rule").fill("update comment")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Find a rule")).to_be_focused()
        expect(page.get_by_role("button", name="Add Comment on an update")).to_be_in_viewport()
        page.get_by_role("button", name="Add Comment on an update").click()
        expect(page.get_by_label("Condition")).to_be_focused()
        expect(page.get_by_text("1 message would have matched since")).to_be_visible()
        page.get_by_role("button", name="Why it matches").click()
        expect(page.locator(".reasons")).to_contain_text("Comment on an update")
        page.get_by_label("Name", exact=True).press("Enter")
        assert list(saved(world)) == [NAME]

        # Groups are made by buttons, and a rule moves by its select
        page.get_by_role("button", name="Group Whole filter").click()
        page.get_by_label("Find a rule").fill("Build tagged")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Add Build tagged").click()
        rule = page.get_by_role("group", name="Comment on an update")
        rule.get_by_label("Group").select_option("Group 1")
        expect(page.locator("html")).to_have_js_property("scrollWidth", 320)

        page.get_by_role("button", name="Save").click()
    assert saved(world)["Comments"] == All((AnyOf((Rule("bodhi_update_comment"), Rule("koji_tag"))),))
