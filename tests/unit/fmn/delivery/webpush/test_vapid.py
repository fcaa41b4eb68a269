"""The installation's key, and what it signs."""

from __future__ import annotations

import json

import pytest

from fmn.delivery.webpush.vapid import contact_of, current_key, derive_key, key_by_id
from fmn.settings import Settings, WebSettings
from tests.servers.push_service import decode

SECRET, OTHER = "a long random text of the tests", "another long random text"


def settings(**web: object) -> Settings:
    return Settings(web=WebSettings.model_validate({"secret": SECRET, **web}))


def test_the_same_secret_is_the_same_key_in_each_process_and_for_good() -> None:
    # Browsers subscribe to it: were it ever another one, all would have to do so again.
    assert derive_key(SECRET).public == (
        "BH6M48poUt_Mft13uNtEIDF1r9e8ph9kQXxLv-OshNNfpDviMWbWxuTbfahc"
        "5X8bsGvUG4jsa4S2WDBpF8CT2EQ")
    assert derive_key(SECRET).id == "9eSSeks3"
    assert derive_key(OTHER).id != derive_key(SECRET).id


def test_a_previous_secret_s_key_is_known_as_long_as_the_settings_have_it() -> None:
    before = derive_key(OTHER)
    now = settings(previous_secrets=(OTHER,))
    assert current_key(now) is derive_key(SECRET)
    assert key_by_id(now, before.id) is before
    assert key_by_id(settings(), before.id) is None


@pytest.mark.parametrize(("endpoint", "audience"), [
    ("https://push.example.net/send/abc?x=y", "https://push.example.net"),
    ("https://push.example.net:8443/send", "https://push.example.net:8443"),
])
def test_a_token_is_for_one_service_and_half_a_day(endpoint: str, audience: str) -> None:
    header = derive_key(SECRET).authorization(endpoint, "mailto:root@example.org", 1_000)
    claims = json.loads(decode(header.removeprefix("vapid t=").split(".")[1]))
    assert claims == {"aud": audience, "exp": 1_000 + 12 * 3600, "sub": "mailto:root@example.org"}


@pytest.mark.parametrize(("web", "contact"), [
    ({"security_contact": ("tel:+1-201-555-0123", "mailto:root@example.org")}, "mailto:root@example.org"),
    ({"base_url": "https://fmn.example.org"}, "https://fmn.example.org"),
    ({"base_url": "http://127.0.0.1:6543"}, ""),
])
def test_push_services_are_told_whom_to_ask(web: dict[str, object], contact: str) -> None:
    assert contact_of(settings(**web)) == contact
