"""What a German reads where a sentence is made far from the page, and what programs get all the same."""

from __future__ import annotations

from typing import Final

from webtest import TestApp

from fmn.people.models import Preference
from fmn.wiring import Services
from tests.integration.webapp.api.client import Program
from tests.integration.webapp.filter_forms import NEW, editor, press
from tests.integration.webapp.test_preferences_io import PAGE
from tests.integration.webapp.world import World

GERMAN: Final = {"Accept-Language": "de"}
BROKEN: Final = "koji_tag adn koji_untag"


def test_a_mistake_in_a_filters_text_is_told_with_its_place_and_the_likely_word(alice: TestApp) -> None:
    form = editor(press(editor(alice.get(NEW)), "text"))
    form["text"] = BROKEN

    page = form.submit("do", value="save", headers=GERMAN, status=422)

    page.mustcontain(
        "Unerwartet bei Zeichen 10: &#39;adn&#39;; meinst du „and“?", "koji_tag <mark>adn</mark> koji_untag")
    assert "unexpected" not in page.text.lower()


def test_so_is_a_mistake_in_a_regular_expression(alice: TestApp) -> None:
    form = editor(press(editor(alice.get(NEW)), "text"))
    form["text"] = 'regex_filter("moss(") and actor(mary)'

    page = form.submit("do", value="save", headers=GERMAN, status=422)

    page.mustcontain("&#39;moss(&#39; ist nicht verwendbar: es fehlt eine ): moss(")


def test_so_are_the_problems_of_a_file(alice: TestApp) -> None:
    form = alice.get(PAGE).forms[0]
    token = form["csrf_token"].value

    page = alice.post(PAGE, {"csrf_token": token, "content": f"""
        version = 1
        time_zone = "Nowhere"
        [contexts.email]
        filters = [{{name = "Kernel", expression = "{BROKEN}"}}]"""}, headers=GERMAN, status=422)

    page.mustcontain(
        "Eine Zeitzone „Nowhere“ gibt es nicht.",
        "Unerwartet bei Zeichen 10: &#39;adn&#39;; meinst du „and“?")


def test_a_program_gets_english(services: Services, world: World) -> None:
    with services.database.transaction() as session:
        session.get_one(Preference, world.preference_id).user.language = "de"

    refused = Program(services, "alice").problem(
        "POST", "/lint", {"expression": BROKEN, "context": "email"}, status=422, Accept_Language="de")

    assert refused == 'Unexpected \'adn\' at character 10: did you mean "and"?'
