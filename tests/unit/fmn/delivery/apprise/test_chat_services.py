"""Forms of chat and push services: what people copy from there, and what becomes of it."""

from __future__ import annotations

import contextlib
import string
from collections.abc import Mapping
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.apprise.apprise_urls import open_service, parse_url
from fmn.delivery.apprise.chat_services import SERVICES, offered_services, service_of
from fmn.delivery.apprise.service_forms import ChatService
from fmn.delivery.apprise.settings import AppriseSettings
from fmn.settings import DeliverySettings, Settings

SETTINGS: Final = Settings(delivery=DeliverySettings(channels=("apprise",)))
BY_KEY: Final = {each.key: each for each in SERVICES}
LETTERS: Final = string.ascii_letters

WORKFLOW: Final = (
    "https://prod-12.westus.logic.azure.com:443/workflows/0123456789abcdef/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcdefghijklmnopqrstuvwxyz_-0")
POWER_HOST: Final = "defaultab12.1f.environment.api.powerplatform.com"
POWER_AUTOMATE: Final = (
    f"https://{POWER_HOST}/powerautomate/automations/direct/workflows/0123456789abcdef/"
    "triggers/manual/paths/invoke?api-version=1&sig=abcdefghijklmnopqrstuvwxyz")
#: What is typed, and what Apprise knows it by.
TYPED: Final[Mapping[str, tuple[Mapping[str, str], str]]] = {
    "matrix": (
        {"server": "https://matrix.example.org", "token": "syt_abc_DEF", "room": "!AbC:example.org"},
        "matrixs://syt_abc_DEF@matrix.example.org/%21AbC%3Aexample.org"),
    "slack": (
        {"webhook": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"},
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"),
    "mattermost": (
        {"webhook": "https://chat.example.org:8443/team/hooks/3ccdd113474722377935511fc8"},
        "mmosts://chat.example.org:8443/team/3ccdd113474722377935511fc8"),
    "telegram": (
        {"token": f"123456789:AA{LETTERS[:33]}", "chat": "-100123456"},
        f"tgram://123456789:AA{LETTERS[:33]}/-100123456"),
    "discord": (
        {"webhook": f"https://discord.com/api/webhooks/417421629812345678/{LETTERS}-_"},
        f"discord://417421629812345678/{LETTERS}-_"),
    "ntfy": ({"server": "https://ntfy.sh", "topic": "fmn-x8Qe2", "token": ""}, "ntfys://ntfy.sh/fmn-x8Qe2"),
    "gotify": (
        {"server": "gotify.example.org", "token": "AbCdEf.12345-_x"},
        "gotifys://gotify.example.org/AbCdEf.12345-_x"),
    "pushover": ({"user": "u" * 30, "token": "a" * 30}, f"pover://{'u' * 30}@{'a' * 30}"),
    "teams": (
        {"workflow": WORKFLOW},
        "workflows://prod-12.westus.logic.azure.com:443/0123456789abcdef/abcdefghijklmnopqrstuvwxyz_-0"),
    "signal": (
        {"server": "https://signal.example.org", "sender": "+15550100100", "recipient": "+15550100200"},
        "signals://signal.example.org/+15550100100/+15550100200"),
}


@pytest.mark.parametrize("key", BY_KEY)
def test_what_people_copy_is_an_address(key: str) -> None:
    typed, address = TYPED[key]
    assert BY_KEY[key].problems(typed) == {}
    assert BY_KEY[key].address(typed) == address
    # Which leads to one place, by the rules for all addresses
    assert parse_url(address, SETTINGS) == address
    assert service_of(address) is BY_KEY[key]


@pytest.mark.parametrize(("key", "changed", "address"), [
    ("ntfy", {"server": "http://10.1.2.3:8080/"}, "ntfy://10.1.2.3:8080/fmn-x8Qe2"),
    ("ntfy", {"server": "x.0a.example-1.org"}, "ntfys://x.0a.example-1.org/fmn-x8Qe2"),
    ("ntfy", {"token": f"tk_{'a' * 29}"}, f"ntfys://tk_{'a' * 29}@ntfy.sh/fmn-x8Qe2"),
    ("mattermost", {"webhook": "http://chat/hooks/3ccdd113474722377935511fc8"},
        "mmost://chat/3ccdd113474722377935511fc8"),
    ("matrix", {"room": "#fmn:example.org"}, "matrixs://syt_abc_DEF@matrix.example.org/%23fmn%3Aexample.org"),
    ("teams", {"workflow": POWER_AUTOMATE},
        f"workflows://{POWER_HOST}/0123456789abcdef/abcdefghijklmnopqrstuvwxyz?pa=yes&ver=1"),
])
def test_people_have_other_servers_too(key: str, changed: Mapping[str, str], address: str) -> None:
    made = BY_KEY[key].address({**TYPED[key][0], **changed})
    assert made == address
    assert len(open_service(made, SETTINGS)) == 1


@pytest.mark.parametrize(("key", "field", "text", "sentence"), [
    ("slack", "webhook", "", "Fill in this field."),
    ("slack", "webhook", "https://hooks.slack.com/services/T1JJ3T3L2", "Copy the whole URL from Slack: it"),
    ("slack", "webhook", TYPED["slack"][0]["webhook"].replace("hooks.slack.com", "evil.example"), "Copy the"),
    ("discord", "webhook", "https://discord.com/channels/1/2", "Copy the whole URL from Discord: it begins"),
    ("ntfy", "topic", "two words", "Enter the topic’s name"),
    ("ntfy", "server", "https://ntfy.sh/a/b", "Enter the server’s web address"),
    ("ntfy", "server", "https://0", "Enter the server’s web address"),
    ("ntfy", "server", "https://a.1", "Enter the server’s web address"),
    ("ntfy", "server", "https://" + 50 * "name." + "org", "Enter the server’s web address"),
    ("ntfy", "token", "secret", "Enter a token of ntfy, which begins with tk_."),
    ("telegram", "token", "AAE", "Enter the whole token"),
    ("telegram", "chat", "alice", "Enter the chat’s number, or a channel’s name that begins with @."),
    ("pushover", "user", "x" * 29, "Enter the user key: 30 letters and digits."),
    ("signal", "sender", "me", "Enter a number with its country code."),
    ("matrix", "room", "lobby", "Enter a room’s id or alias, which begins with ! or #."),
    ("gotify", "token", "A" * 600, "Enter the token of an application"),
])
def test_what_is_no_address_has_a_sentence_beside_its_field(
    key: str, field: str, text: str, sentence: str,
) -> None:
    [(name, problem)] = BY_KEY[key].problems({**TYPED[key][0], field: text}).items()
    assert name == field
    assert problem.startswith(sentence)


@given(st.sampled_from(SERVICES), st.data())
def test_whatever_is_typed_leads_to_one_place_or_has_a_sentence(
    service: ChatService, data: st.DataObject,
) -> None:
    typed = {
        field.name: data.draw(
            st.from_regex(field.pattern, fullmatch=True) | st.text(max_size=20)
            | st.just(TYPED[service.key][0][field.name]))
        for field in service.fields}
    if service.problems(typed):
        return
    address = service.address(typed)
    assert address.isascii()
    # Apprise knows more than a pattern, and says so in a sentence, too
    with contextlib.suppress(ValueError):
        assert parse_url(address, SETTINGS) == address
        assert len(open_service(address, SETTINGS)) == 1


def test_only_services_that_are_allowed_are_offered() -> None:
    assert offered_services(Settings()) == ()
    assert [each.key for each in offered_services(SETTINGS)] == list(BY_KEY)
    few = SETTINGS.with_channels(apprise=AppriseSettings(schemes=("ntfy", "slack")))
    assert [each.key for each in offered_services(few)] == ["slack", "ntfy"]


def test_another_service_s_address_has_no_tile() -> None:
    assert service_of("zulip://bot@example.org/token") is None
