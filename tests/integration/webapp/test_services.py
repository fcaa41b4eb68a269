"""Tiles of services, and the form of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from webtest import TestApp, TestResponse

from fmn.delivery.apprise.settings import AppriseSettings
from fmn.infra.cache import MemoryCache
from fmn.people.models import DetailValue, Preference
from fmn.settings import DeliverySettings
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.test_preferences import form_of

TOPIC = "fmn-x8Qe2vLk0a"


@pytest.fixture
def chatting(services: Services) -> Iterator[Services]:
    """Services with mail, IRC and chat, where ntfy and Slack are allowed."""
    made = Services(services.settings.model_copy(
        update={"delivery": DeliverySettings(channels=("email", "irc", "apprise"))}).with_channels(
            apprise=AppriseSettings(schemes=("ntfys", "slack"))))
    made.cache = MemoryCache()
    yield made
    made.database.close()


@pytest.fixture
def ali(chatting: Services) -> TestApp:
    return signed_in(chatting, "alice")


def tiles(page: TestResponse) -> list[str]:
    return [each.find("b").text for each in page.html.select(".tile")]


def addresses(services: Services) -> list[tuple[str, bool]]:
    """Addresses of chats, and whether their channel is on."""
    with services.database.reading() as session:
        return [(value, on) for value, on in session.execute(
            select(DetailValue.value, Preference.enabled).join(Preference)
            .where(Preference.context == "apprise"))]


def enter(app: TestApp, status: int = 303, **typed: str) -> TestResponse:
    form = form_of(app.get("/services/ntfy"), "services/ntfy")
    for name, text in typed.items():
        form[name] = text
    return form.submit(status=status)


def test_there_is_a_tile_for_everything_that_is_allowed(ali: TestApp) -> None:
    page = ali.get("/services")
    outline(page)
    assert tiles(page) == ["E-mail", "IRC", "Slack", "ntfy", "Something else"]
    for each in page.html.select(".tile"):
        ali.get(each["href"].partition("#")[0], status=200)


def test_a_service_that_is_not_allowed_is_not_there(ali: TestApp, services: Services) -> None:
    ali.get("/services/discord", status=404)
    ali.get("/services/nothing", status=404)
    # And without the channel none is
    bob = signed_in(services, "bob")
    assert tiles(bob.get("/services")) == ["E-mail"]
    bob.get("/services/ntfy", status=404)


def test_a_form_makes_an_address_and_sends_its_code(ali: TestApp, chatting: Services) -> None:
    page = enter(ali, topic=TOPIC).follow()
    assert "We’ve sent a code to ntfys://ntfy.sh/…Lk0a." in page.html.text
    assert page.html.find("title", string="ntfy")
    assert addresses(chatting) == [(f"ntfys://ntfy.sh/{TOPIC}", True)]
    # Once only
    again = enter(ali, status=422, topic=TOPIC)
    assert "You have added ntfys://ntfy.sh/…Lk0a already" in again.html.text
    assert again.html.find("input", id="topic")["value"] == TOPIC


@pytest.mark.parametrize(("typed", "field", "sentence"), [
    ({"topic": ""}, "topic", "Fill in this field."),
    ({"topic": "two words"}, "topic", "Enter the topic’s name"),
    ({"topic": TOPIC, "server": "https://127.0.0.1"}, "server", "Nothing can be sent to 127.0.0.1"),
    ({"topic": TOPIC, "server": "http://ntfy.example"}, "server", "“ntfy” isn’t a service"),
])
def test_a_mistake_is_said_beside_its_field(
    ali: TestApp, chatting: Services, typed: dict[str, str], field: str, sentence: str,
) -> None:
    page = enter(ali, status=422, **typed)
    outline(page)
    assert page.html.find(id=f"{field}-problem").text.startswith(sentence)
    assert addresses(chatting) == []


def test_irc_names_the_network_and_the_bot(ali: TestApp) -> None:
    page = ali.get("/preferences/irc").html
    assert (page.find(id="irc-network").text, page.find(id="irc-nick").text) == ("127.0.0.1", "fmn")
    assert all(button.has_attr("hidden") for button in page.select("[data-copy]"))
