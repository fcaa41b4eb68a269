"""Pages of channels in which addresses are confirmed by codes: typed there, or said from the address."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update
from webtest import TestApp, TestResponse

from fmn.infra.cache import MemoryCache
from fmn.infra.clock import utc_now
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState
from fmn.people.addresses import ADDRESS_TAKEN, MAX_WRONG_CODES
from fmn.people.change_log import current_revision
from fmn.people.models import Confirmation, DetailValue
from fmn.settings import DeliverySettings
from fmn.wiring import Services
from tests.factories.deliveries import mark_confirmations_sent
from tests.factories.extra_channels import PARROT, PIGEON, other_channels
from tests.factories.people import make_person
from tests.integration.webapp.api.client import Program
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.test_addresses import letters, press
from tests.integration.webapp.test_preferences import form_of

LOFT = "loft://example.org/secret"
LOFT_PAGE, PERCH_PAGE = f"/preferences/{PIGEON}", f"/preferences/{PARROT}"
CODE = re.compile(r"/squawk confirm ([0-9A-Z]{4}-[0-9A-Z]{4})")


@pytest.fixture
def aviary(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services with mail and the two other channels."""
    with other_channels(tmp_path_factory.mktemp("channels")):
        made = Services(services.settings.model_copy(
            update={"delivery": DeliverySettings(channels=("email", PIGEON, PARROT))}))
        made.cache = MemoryCache()
        yield made
        made.database.close()


@pytest.fixture
def browser(aviary: Services) -> TestApp:
    """Alice's."""
    return signed_in(aviary, "alice")


def add(browser: TestApp, page: str, address: str, status: int = 303) -> TestResponse:
    form = form_of(browser.get(page), "addresses")
    form["address"] = address
    answer = form.submit(status=status)
    return answer.follow() if status == 303 else answer


def types(page: TestResponse, code: str) -> TestResponse:
    """Type a code into the one field for it."""
    form = form_of(page, "code")
    form["code"] = code
    return form.submit(status=303).follow()


def sent_code(services: Services) -> str:
    """The code that the newest letter has."""
    with services.database.reading() as session:
        return services.links.code(
            session.scalars(select(Confirmation).order_by(Confirmation.id.desc()).limit(1)).one().public_id)


def address_id(services: Services, value: str = LOFT) -> int:
    with services.database.reading() as session:
        return session.scalars(select(DetailValue.id).where(DetailValue.value == value)).one()


class TestACodeThatIsSent:
    def test_is_typed_beside_the_address(self, browser: TestApp, aviary: Services) -> None:
        browser.get(LOFT_PAGE).mustcontain("type the code we send there", "Loft, such as loft://")
        page = add(browser, LOFT_PAGE, LOFT)
        outline(page)
        page.mustcontain(
            "We’ve sent a code to loft://example.org/…", "Type the code we sent",
            "Code for loft://example.org/…", "Send new code", no=[LOFT, "Open the link"])
        assert letters(aviary) == [(DeliveryKind.CONFIRMATION, LOFT)]
        form_of(browser.get(LOFT_PAGE), f"{PIGEON}/switch").submit(status=303)
        home = browser.get("/")
        home.mustcontain("type the code we sent to loft://example.org/…", "Confirm the address", no=LOFT)
        # When it's typed somehow, then it's confirmed, and can be tried
        done = types(page, f" {sent_code(aviary).lower().replace('-', '')}")
        outline(done)
        done.mustcontain("Confirmed loft://example.org/…. We now send your notifications", "Send test")
        assert not [form for form in done.forms.values() if form.action.endswith("/code")]
        press(done, address_id(aviary), "test").mustcontain("Sent a test notification to loft://example.org/….")
        press(done, address_id(aviary), "remove").mustcontain("Removed loft://example.org/…", no=LOFT)
        # And typed into a page that was loaded before, it says so
        form_of(page, "code").submit(status=404)

    def test_can_not_be_guessed(self, browser: TestApp, aviary: Services) -> None:
        page = add(browser, LOFT_PAGE, LOFT)
        code = sent_code(aviary)
        for _ in range(MAX_WRONG_CODES - 1):
            types(page, "0000-0000").mustcontain("Wrong code for loft://example.org/….")
        page = types(page, "")
        outline(page)
        page.mustcontain("Too many wrong codes", "Not confirmed", "has expired")
        # Neither does the right one then, wherever it's typed, but a new one
        token = page.forms[0]["csrf_token"].value
        answer = browser.post(f"/addresses/{address_id(aviary)}/code", {"code": code, "csrf_token": token})
        answer.follow().mustcontain("The code for loft://example.org/… has expired.")
        page = press(page, address_id(aviary), "resend")
        types(page, sent_code(aviary)).mustcontain("Confirmed loft://example.org/…")

    def test_that_has_expired_is_made_anew_but_not_too_often(
        self, browser: TestApp, aviary: Services,
    ) -> None:
        add(browser, LOFT_PAGE, LOFT)
        with aviary.database.transaction() as session:
            session.execute(update(Confirmation).values(expires_at=utc_now()))
        page = browser.get(LOFT_PAGE)
        outline(page)
        page.mustcontain("has expired")
        for _ in range(aviary.settings.confirmation.per_address_per_day - 1):
            mark_confirmations_sent(aviary.database)
            page = press(page, address_id(aviary), "resend")
            page.mustcontain("We’ve sent a code")
        mark_confirmations_sent(aviary.database)
        page = press(page, address_id(aviary), "resend")
        page.mustcontain("This address was sent enough codes to confirm it.")

    def test_that_could_not_be_delivered_says_why(self, browser: TestApp, aviary: Services) -> None:
        add(browser, LOFT_PAGE, LOFT)
        with aviary.database.transaction() as session:
            session.execute(update(Delivery).values(state=DeliveryState.FAILED, reason="410 Gone"))
        page = browser.get(LOFT_PAGE)
        outline(page)
        page.mustcontain("The code couldn’t be delivered: 410 Gone. Check the address.", no="Code for")

    def test_of_an_address_that_somebody_else_confirmed_is_refused_but_not_whose(
        self, browser: TestApp, aviary: Services,
    ) -> None:
        page = add(browser, LOFT_PAGE, LOFT)
        make_person(aviary.database, "bob", context=PIGEON, addresses=[LOFT], packages=())
        types(page, sent_code(aviary)).mustcontain("This address belongs to another account here.", no="bob")
        add(browser, LOFT_PAGE, LOFT.upper().replace("LOFT:", "loft:"), status=422).mustcontain("already")
        other = signed_in(aviary, "mallory")
        add(other, LOFT_PAGE, LOFT, status=422).mustcontain(ADDRESS_TAKEN, no="bob")

    def test_is_nobody_elses_to_type(self, browser: TestApp, aviary: Services) -> None:
        add(browser, LOFT_PAGE, LOFT)
        mallory = signed_in(aviary, "mallory")
        token = mallory.get("/account").forms[0]["csrf_token"].value
        form = {"code": sent_code(aviary), "csrf_token": token}
        mallory.post(f"/addresses/{address_id(aviary)}/code", form, status=404)
        browser.get(LOFT_PAGE).mustcontain("Pending")


class TestACodeThatIsSaid:
    def test_is_shown_and_nothing_is_sent(self, browser: TestApp, aviary: Services) -> None:
        browser.get(PERCH_PAGE).mustcontain("send the message shown here", "Perch, such as polly")
        page = add(browser, PERCH_PAGE, "Polly")
        outline(page)
        page.mustcontain(
            "To confirm polly, send the message", "Send this message from your parrot nick polly. ",
            "Create new")
        assert letters(aviary) == []
        # When it's said, then the page says so
        found = CODE.search(page.text)
        assert found is not None
        assert aviary.chat_commands.answer(PARROT, "polly", f"confirm {found[1]}")[0].startswith(
            "polly is confirmed")
        page = browser.get(PERCH_PAGE)
        outline(page)
        page.mustcontain("Confirmed</span>", "Send test", no="squawk")

    def test_can_not_be_typed_by_who_only_sees_it(self, browser: TestApp, aviary: Services) -> None:
        # Given Mallory, who added Polly's nick and sees a code
        page = add(browser, PERCH_PAGE, "polly")
        found = CODE.search(page.text)
        assert found is not None
        token = page.forms[0]["csrf_token"].value
        # Then she can't confirm it here
        answer = browser.post(
            f"/addresses/{address_id(aviary, 'polly')}/code", {"code": found[1], "csrf_token": token})
        answer.follow().mustcontain("No code that could be typed here confirms polly.", "Pending")

    def test_that_is_made_anew_is_another_one(self, browser: TestApp, aviary: Services) -> None:
        first = CODE.search(add(browser, PERCH_PAGE, "polly").text)
        page = press(browser.get(PERCH_PAGE), address_id(aviary, "polly"), "resend")
        second = CODE.search(page.text)
        assert first is not None
        assert second is not None
        assert first[1] != second[1]
        # and both work
        assert aviary.chat_commands.answer(PARROT, "polly", f"confirm {first[1]}")[0].startswith(
            "polly is confirmed")

    def test_too_often_wrong_is_shown_no_more(self, browser: TestApp, aviary: Services) -> None:
        add(browser, PERCH_PAGE, "polly")
        for _ in range(MAX_WRONG_CODES):
            aviary.chat_commands.answer(PARROT, "polly", "confirm 0000-0000")
        page = browser.get(PERCH_PAGE)
        outline(page)
        page.mustcontain("has expired", "Not confirmed", no="squawk")


class TestWhatItLooksLike:
    def test_is_called_as_the_channel_calls_it(self, browser: TestApp) -> None:
        browser.get(PERCH_PAGE).mustcontain(">Colours<", no=[">HTML<", "MIME digests"])

    def test_is_not_asked_where_there_is_no_markup(self, browser: TestApp, aviary: Services) -> None:
        page = browser.get(LOFT_PAGE)
        page.mustcontain("full text, reason and links<", no=["plain text", ">HTML<"])
        # and what is set of it stays
        with aviary.database.reading() as session:
            before = current_revision(session)
        form_of(page, "presentation").submit(status=303)
        with aviary.database.reading() as session:
            assert current_revision(session) == before + 1
        assert form_of(browser.get(LOFT_PAGE), "presentation")["markup"].value == "true"


def test_secrets_of_addresses_are_on_no_page(browser: TestApp, aviary: Services) -> None:
    # Given an address with a secret in it, where things were sent, failed and wait
    page = add(browser, LOFT_PAGE, LOFT)
    types(page, sent_code(aviary))
    for page in (browser.get(path) for path in ("/", LOFT_PAGE, "/inbox", "/account/preferences")):
        assert "secret" not in page.text
    # Then administrators see none of it either
    root = signed_in(aviary, "root")
    for path in ("/admin", "/admin/people/alice", "/admin/deliveries", "/admin/audit"):
        assert "secret" not in root.get(path).text
    root.get("/admin/people/alice").mustcontain("loft://example.org/…")


class TestTheFirstVisit:
    def choose(self, page: TestResponse, context: str, address: str, status: int = 303) -> TestResponse:
        """Choose a filter and where to; what other channels would want is left alone."""
        form = page.forms[0]
        form["context"] = context
        form[f"address-{context}"] = address
        for tick in form.fields["presets"]:
            tick.checked = tick.id == "preset-name"
        answer = form.submit(status=status)
        return answer.follow() if status == 303 else answer

    def test_says_of_each_channel_what_to_type_and_what_comes_of_it(self, browser: TestApp) -> None:
        page = browser.get("/welcome")
        outline(page)
        page.mustcontain(
            "E-mail address, such as", "We’ll email you a link", "Loft, such as",
            "We’ll send a code to this address", "Perch, such as polly",
            "We’ll show you a message to send from your nick")

    def test_has_what_is_missing_said_where_it_is(self, browser: TestApp) -> None:
        page = self.choose(browser.get("/welcome"), PIGEON, "the roof", status=422)
        outline(page)
        page.mustcontain("“the roof” isn’t a loft.", "address-pigeon-problem", no="address-email-problem")
        assert page.forms[0]["context"].value == PIGEON
        # and nothing typed is lost
        page = self.choose(page, PIGEON, LOFT)
        outline(page)
        page.mustcontain("confirm loft://example.org/…", "type the code we sent", no=LOFT)

    def test_leads_to_what_is_to_be_said(self, browser: TestApp, aviary: Services) -> None:
        page = self.choose(browser.get("/welcome"), PARROT, "polly")
        page.mustcontain("confirm polly", "send the message shown on the channel’s page from polly")
        assert CODE.search(page.click("Confirm the address").text) is not None

    def test_knows_what_was_added_without_repeating_secrets(self, browser: TestApp, aviary: Services) -> None:
        self.choose(browser.get("/welcome"), PIGEON, LOFT)
        self.choose(browser.get("/welcome"), PARROT, "polly")
        page = browser.get("/welcome")
        form = page.forms[0]
        assert (form["address-pigeon"].value, form["address-parrot"].value) == ("", "polly")
        self.choose(page, PIGEON, "").mustcontain("confirm loft://example.org/…")
        assert letters(aviary) == [(DeliveryKind.CONFIRMATION, LOFT)]


def test_a_filter_is_copied_from_one_channel_to_another(browser: TestApp) -> None:
    page = browser.get("/welcome")
    page.forms[0]["address-email"] = "alice@example.org"
    page.forms[0].fields["presets"][0].checked = True
    page.forms[0].submit(status=303)
    page = browser.get("/preferences/email")
    outline(page)
    copy = next(form for form in page.forms.values()
                if form.action.endswith("/copy") and form["context"].value == PARROT)
    copy.submit(status=303).follow().mustcontain("to parrot. Notifications by parrot are switched off.")


class TestAProgram:
    @pytest.fixture
    def program(self, aviary: Services, browser: TestApp) -> Program:
        """Alice's."""
        return Program(aviary, "alice")

    def test_confirms_by_the_code_that_was_sent(self, program: Program, aviary: Services) -> None:
        added = program.send("POST", f"/contexts/{PIGEON}/addresses", {"address": LOFT}, status=201)
        assert (added["address"], added["standing"], added["say"]) == (
            "loft://example.org/…", "waiting", None)
        where = f"/addresses/{added['id']}/confirmation"
        assert program.problem("PUT", where, {"code": "0000-0000"}, status=422) == (
            "Wrong code for loft://example.org/…. Check the code, or send a new one.")
        for body in ({}, {"code": ""}, {"code": 5}, {"code": "x" * 101}):
            program.problem("PUT", where, body, status=422)
        for _ in range(2):
            found = program.send("PUT", where, {"code": sent_code(aviary).lower()})
            assert found == program.get(f"/addresses/{added['id']}")
            assert found["standing"] == "confirmed"

    def test_can_not_guess_it(self, program: Program, aviary: Services) -> None:
        added = program.send("POST", f"/contexts/{PIGEON}/addresses", {"address": LOFT}, status=201)
        where = f"/addresses/{added['id']}/confirmation"
        for _ in range(MAX_WRONG_CODES - 1):
            program.problem("PUT", where, {"code": "0000-0000"}, status=422)
        assert "Too many wrong codes" in program.problem("PUT", where, {"code": "0000-0000"}, status=422)
        late = program.problem("PUT", where, {"code": sent_code(aviary)}, status=422)
        assert "has expired" in late
        assert program.get(f"/addresses/{added['id']}")["standing"] == "expired"
        program.send("POST", where, status=202)
        assert program.send("PUT", where, {"code": sent_code(aviary)})["standing"] == "confirmed"

    def test_is_told_what_to_say(self, program: Program, aviary: Services) -> None:
        added = program.send("POST", f"/contexts/{PARROT}/addresses", {"address": "polly"}, status=201)
        code = sent_code(aviary)
        assert added["say"] == f"/squawk confirm {code}"
        where = f"/addresses/{added['id']}"
        assert "No code that could be typed here" in program.problem(
            "PUT", f"{where}/confirmation", {"code": code}, status=422)
        aviary.chat_commands.answer(PARROT, "polly", f"confirm {code}")
        found = program.get(where)
        assert (found["standing"], found["say"]) == ("confirmed", None)


def test_help_tells_of_what_there_is_alone(browser: TestApp, mallory: TestApp) -> None:
    words = ("type on the channel’s page", "from your IRC nick", "Say “help” for a list")
    page = browser.get("/help")
    outline(page)
    page.mustcontain(*words)
    mallory.get("/help").mustcontain("open the link and confirm", no=list(words))
