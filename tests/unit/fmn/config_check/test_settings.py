"""What's said of settings that can be read: insecure, an example's, or at odds."""

from __future__ import annotations

import pytest

from fmn.config_check import settings
from fmn.settings.check_results import Level
from fmn.settings.loader import CheckedSettings
from tests.unit.fmn.config_check.conftest import Examine


def told(checked: CheckedSettings) -> list[tuple[Level, str]]:
    return [(result.level, result.sentence) for result in settings.check(checked)]


def test_of_a_site_with_nothing_wrong_there_is_nothing_to_say(examine: Examine) -> None:
    ((level, _),) = told(examine())
    assert level is Level.OK


@pytest.mark.parametrize(("name", "value", "sentence"), [
    ("sweep__seconds", "0", "fmn.sweep.seconds = '0' can't be used"),
    ("sweep__second", "7", "fmn.sweep.second is not a setting; did you mean fmn.sweep.seconds?"),
    ("web__secret", "CHANGE-ME", "fmn.web.secret = 'CHANGE-ME' can't be used"),
    ("web__secret", "short", "fmn.web.secret has to have 16 characters or more"),
    ("web__base_url", "http://fmn.ours.test", "fmn.web.base_url has to begin with https://"),
    ("email__list_id", "fmn.example.org", "fmn.email.list_id = fmn.example.org is still an example's"),
    ("oidc__client_secret", "CHANGE-ME", "fmn.oidc.client_secret is still an example's"),
    ("database__url", "postgresql://fmn:CHANGE-ME@127.0.0.1/fmn",
     "fmn.database.url = postgresql://fmn:…@127.0.0.1/fmn is still an example's"),
    ("autocreate__events", "no_such_event", "fmn.autocreate.events: the catalogue has no no_such_event"),
    ("email__username", "fmn", "fmn.email.username is set, and fmn.email.password isn't"),
    ("email__password", "hush", "fmn.email.password is set, and fmn.email.username isn't"),
    ("database__url", "postgresql://fmn:hush@db.ours.test/fmn?sslmode=prefer",
     "fmn.database.url: what's said to db.ours.test, passwords too, isn't encrypted on the way: add ?"),
    ("broker__url", "amqp://fmn:hush@mq.ours.test/fmn", "fmn.broker.url: what's said to mq.ours.test"),
    ("cache__url", "redis://:hush@cache.ours.test/0", "fmn.cache.url: what's said to cache.ours.test"),
    ("email__host", "mail.ours.test", "fmn.email.security = none: mails aren't encrypted on the way to"),
    ("bus__validate_signatures", "false", "fmn.bus.validate_signatures = false: anyone who can send"),
    ("bus__crl_file", "", "fmn.bus.crl_file is empty: no certificate on the bus counts as revoked"),
    ("broker__url", "memory://", "fmn.broker.url = memory:// is for fmn up alone"),
    ("cache__url", "memory://", "fmn.cache.url = memory://: each process fetches the directory by itself"),
    ("database__url", "sqlite:////var/lib/fmn.sqlite", "fmn.database.url is a file of one host"),
    ("bus__endpoints", "", "fmn.bus.endpoints and fmn.fedora_messaging.urls are empty"),
    ("oidc__issuer", "", "fmn.oidc.issuer is empty: nobody can sign in"),
    ("web__administrators", "", "fmn.web.administrators is empty"),
    ("web__session_hours", "9999", "fmn.web.session_hours is longer than fmn.web.longest_session_days"),
    ("delivery__first_retry_seconds", "99999", "fmn.delivery.first_retry_seconds is longer than"),
    ("sse__base_url", "http://live.ours.test", "fmn.sse.base_url: browsers that have the web app by https://"),
])
def test_each_problem_is_told_in_a_sentence_without_secrets(
    examine: Examine, name: str, value: str, sentence: str,
) -> None:
    found = told(examine(**{name: value}))
    assert [each for level, each in found if level is not Level.OK and sentence in each]
    assert "hush" not in str(found)


def test_what_must_not_start_is_wrong_and_what_only_should_not_be_is_a_warning(examine: Examine) -> None:
    for name, value, level in (
        ("web__secret", "short", Level.FAILED), ("web__base_url", "http://fmn.ours.test", Level.FAILED),
        ("bus__validate_signatures", "false", Level.WARNING),
        ("broker__url", "amqp://fmn:hush@mq.ours.test/fmn", Level.WARNING),
    ):
        assert [each for each, _ in told(examine(**{name: value}))] == [level], name


def test_several_are_told_at_once(examine: Examine) -> None:
    found = told(examine(
        sweep__seconds="0", web__secret="short", web__base_url="http://fmn.ours.test", nonsense="1",
        oidc__issuer=""))
    assert len(found) == 5


def test_channels_that_nobody_has_may_be_an_examples(examine: Examine) -> None:
    assert [level for level, _ in told(examine(irc__host="irc.example.org"))] == [Level.OK]
    assert [level for level, _ in told(examine(
        irc__host="irc.example.org", delivery__channels="email irc"))] == [Level.FAILED]


@pytest.mark.parametrize("url", [
    "postgresql://fmn:hush@db.ours.test/fmn?sslmode=verify-full", "postgresql:///fmn"])
def test_what_nobody_overhears_is_fine(examine: Examine, url: str) -> None:
    assert [level for level, _ in told(examine(database__url=url))] == [Level.OK]


def test_an_examples_value_that_the_environment_overrules_is_fine(examine: Examine) -> None:
    checked = examine({"FMN_WEB_SECRET": "f" * 32}, web__secret="CHANGE-ME")
    assert [level for level, _ in told(checked)] == [Level.OK]
