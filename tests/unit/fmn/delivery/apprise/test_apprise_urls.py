"""Which Apprise URLs may be named, and what of them is shown."""

from __future__ import annotations

import sys

import pytest
from apprise import Apprise
from apprise.manager_plugins import NotificationManager
from apprise.plugins import NotifyBase
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.apprise.about import ABOUT
from fmn.delivery.apprise.apprise_urls import mask_url, open_service, parse_url
from fmn.delivery.apprise.settings import AppriseSettings
from fmn.settings import EgressSettings, Settings, SettingsError, settings_from

SETTINGS = Settings()
DISCORD = "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@pytest.mark.parametrize("url", [
    DISCORD, f"{DISCORD}?thread=12&avatar=no", SLACK, f"{SLACK}/#packagers", "tgram://123456789:abcdefg_hijklmnop/1",
    "matrixs://a-token@matrix.example.org/#packagers", "matrixs://bot:secret@matrix.example.org/@alice",
    "ntfys://ntfy.example.org/a-topic?priority=high", "gotifys://gotify.example.org/A-token",
    "mmosts://chat.example.org/abcdefghijklmnop", "ntfy://a-topic",
])
def test_urls_of_usual_services_are_kept_as_they_are(url: str) -> None:
    assert ABOUT.parse_address(f" {url} ", SETTINGS) == url


@pytest.mark.parametrize(("url", "sentence"), [
    ("", "“” isn’t a service that can be used here."),
    ("packagers", "“packagers” isn’t a service"),
    ("json://hooks.example.org/", "There are discord, gchat, gotify,"),
    ("file:///etc/passwd", "“file” isn’t a service"),
    ("https://discord.com/api/webhooks/1/abc", "“https” isn’t a service"),
    ("slack://nothing", "This slack:// URL isn’t complete"),
    ("gotify://", "This gotify:// URL isn’t complete"),
    ("ntfys://ntfy.example.org/a\r\nb", "isn’t a service"),
    (f"{SLACK}/#packagers/#rust", "Name one room, channel or person"),
    ("matrixs://bot:secret@matrix.example.org/", "Name a room or a person"),
    ("ntfy://127.0.0.1/a-topic", "Nothing can be sent to 127.0.0.1: its address isn't public"),
    (f"ntfys://ntfy.example.org/{'x' * 500}", "500 characters are the most"),
])
def test_others_are_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        ABOUT.parse_address(url, SETTINGS)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("word", [
    # What would read a file of ours, connect to where we don't look, or say that a failure is none
    "template=/etc/passwd", "attach=/etc/passwd", "keyfile=/etc/passwd", "verify=no", "redirect=yes",
    "optional=yes", "rto=86400", "cto=86400", "retry=10", "wait=20", "store=yes", "e2ee=yes",
    "autoverify=yes",
    "email=victim@example.org", "click=https://example.org", "actions=http", "icon_url=https://example.org",
    "avatar_url=https://example.org", "+X-Header=1", "-name=1", ":token=1", "TEMPLATE=/etc/passwd", "tag=all",
])
@pytest.mark.parametrize("url", [DISCORD, SLACK, "ntfys://ntfy.example.org/a-topic"])
def test_what_may_do_harm_is_refused_by_its_name(url: str, word: str) -> None:
    name = word.partition("=")[0].lower()
    with pytest.raises(ValueError, match="can’t be set here") as refused:
        parse_url(f"{url}?{word}", SETTINGS)
    assert str(refused.value).startswith(f"“{name}” can’t be set here. Behind the question mark may stand ")
    with pytest.raises(ValueError, match="can’t be set here"):
        parse_url(f"{url}?format=text&{word}", SETTINGS)


@given(st.text(st.characters(codec="ascii", min_codepoint=33), max_size=30))
def test_nothing_else_gets_in_behind_the_question_mark(words: str) -> None:
    try:
        service = open_service(f"ntfys://ntfy.example.org/a-topic?{words}", SETTINGS)
    except ValueError:
        return
    assert service.verify_certificate
    assert not service.redirects
    assert not service.optional
    assert service.retry == 0


def test_every_service_that_is_allowed_by_default_exists() -> None:
    known = {
        name for service in Apprise().details()["schemas"]
        for name in (*(service["protocols"] or ()), *(service["secure_protocols"] or ()))}
    assert set(AppriseSettings().schemes) <= known


def test_administrators_cannot_allow_what_does_not_speak_http_with_requests() -> None:
    # Given every service that Apprise has, with the modules that it consists of
    unguarded: set[str] = set()
    for service in NotificationManager().plugins():
        modules = {sys.modules[each.__module__] for each in service.__mro__ if issubclass(each, NotifyBase)}
        if not any("requests" in vars(module) for module in modules):
            unguarded.update(service.schemas(service))
    assert {"syslog", "windows", "mqtt"} <= unguarded
    # Then none of those that connect in other ways can be allowed
    for scheme in unguarded:
        with pytest.raises(SettingsError, match="can't be guarded"):
            settings_from({"fmn.apprise.schemes": scheme})


@pytest.mark.parametrize("scheme", ["windows", "syslog", "mailto", "mqtts", "dbus", "irc"])
def test_administrators_cannot_allow_what_cannot_be_guarded(scheme: str) -> None:
    with pytest.raises(SettingsError, match=rf"fmn\.apprise\.schemes = .*{scheme} can't be guarded"):
        settings_from({"fmn.apprise.schemes": f"slack {scheme}"})


def test_an_allowed_network_may_be_named() -> None:
    settings = Settings(egress=EgressSettings(allowed_networks=("10.1.0.0/16",)))
    assert parse_url("ntfy://10.1.2.3/a-topic", settings) == "ntfy://10.1.2.3/a-topic"


@pytest.mark.parametrize(("url", "secret"), [
    (DISCORD, "JHMHI8qBe7bk2ZwO5U711o3dV_js"), (SLACK, "TIiajkdnlazkcOXrIdevi7FQ"),
    ("matrixs://bot:secret@matrix.example.org/#packagers", "secret"),
    ("matrixs://matrix.example.org/#packagers?token=secret", "secret"),
    ("ntfys://ntfy.example.org/secret", "secret"), ("ntfys://ntfy.example.org/secret-and-long", "secret"),
    ("slack://secret", "secret"), ("slack://secret\ud800", "secret"),
    ("nothing-that-exists://secret", "secret"),
])
def test_secrets_are_not_shown(url: str, secret: str) -> None:
    shown = mask_url(url)
    assert secret not in shown.partition("://")[2]
    assert shown.partition("://")[0] == url.partition("://")[0]


def test_what_is_shown_says_where_it_goes() -> None:
    shown = ABOUT.mask("matrixs://bot:secret@matrix.example.org/#packagers")
    assert shown == "matrixs://bot:****@matrix.example.org/%23packagers"
    assert ABOUT.mask("ntfys://ntfy.example.org/secret-and-long") == "ntfys://ntfy.example.org/…long"
    assert ABOUT.mask("ntfy://secret") == "ntfys://…"
