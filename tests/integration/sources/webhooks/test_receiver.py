"""Deliveries of forges: stored once, refused without a trace of their content, and noted."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from fmn.administration.hook_management import NewHook, add_hook, rotate_secret, secret_of, switch_hook
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.token_buckets import MemoryTokenBuckets
from fmn.ledger.models import StoredMessage
from fmn.settings import Settings, WebSettings
from fmn.settings.request_limits import RateLimit
from fmn.settings.sources import HookSettings
from fmn.sources.webhooks import deliveries
from fmn.sources.webhooks.deliveries import last_deliveries
from fmn.sources.webhooks.models import Hook
from fmn.sources.webhooks.outcomes import Outcome
from fmn.sources.webhooks.payloads import HookRequest
from fmn.sources.webhooks.receiver import RETRY_AFTER_SECONDS, HookAnswer, HookReceiver
from tests.factories.forges import DELIVERIES, ISSUE, TOPICS, Delivery, github, signed_gitlab
from tests.factories.statements import statements_on

pytestmark = pytest.mark.dialects

WEB_SECRET = "of the web app"
HOUR = timedelta(hours=1)


class Installation:
    """A webhook of each forge, by the forge's name."""

    def __init__(self, database: Database, settings: HookSettings = HookSettings()) -> None:  # noqa: B008
        self.database, self.matched = database, list[int]()
        self.settings = Settings(web=WebSettings(secret=WEB_SECRET))
        self._limits = settings
        self.receiver = self.receiver_with(WEB_SECRET)
        for forge in ("github", "gitlab", "forgejo", "discourse"):
            with database.transaction() as session:
                add_hook(session, "root", NewHook(forge, forge, "org.example.prod"), utc_now())

    def receiver_with(self, *web_secrets: str) -> HookReceiver:
        return HookReceiver(
            self.database, MemoryTokenBuckets(), web_secrets, self._limits, self.matched.extend)

    def secret(self, name: str) -> str:
        with self.database.reading() as session:
            return secret_of(self.settings, session.scalars(select(Hook).where(Hook.name == name)).one())

    def send(self, delivery: Delivery, secret: str = "", name: str = "") -> HookAnswer:
        """A forge sends it, to its own webhook if ``name`` says no other one."""
        headers = delivery.signed(secret or self.secret(delivery.forge))
        lowered = {key.lower(): value for key, value in headers.items()}
        request = HookRequest(lowered, lowered["content-type"], delivery.body)
        return self.receiver.receive(name or delivery.forge, request)

    @property
    def messages(self) -> Sequence[StoredMessage]:
        with self.database.reading() as session:
            return session.scalars(select(StoredMessage).order_by(StoredMessage.id)).all()

    def noted(self, name: str | None) -> list[tuple[str, str, str, int]]:
        """The last deliveries of a webhook, newest first."""
        with self.database.reading() as session:
            hook_id = session.scalar(select(Hook.id).where(Hook.name == name)) if name else None
            return [(each.outcome, each.event, each.delivery_id, each.size)
                    for each in last_deliveries(session, hook_id, 1000)]


@pytest.fixture
def installation(database: Database) -> Installation:
    return Installation(database)


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_delivery_is_stored_and_matched_once(installation: Installation, name: str) -> None:
    delivery = DELIVERIES[name]

    first, again = installation.send(delivery), installation.send(delivery)

    assert (first.outcome, again.outcome) == (Outcome.ACCEPTED, Outcome.KNOWN)
    (message,) = installation.messages
    assert installation.matched == [message.id]
    assert message.topic == f"org.example.prod.{TOPICS[name]}"
    assert message.source == message.signer == f"hook:{delivery.forge}"
    outcomes = [noted[0] for noted in installation.noted(delivery.forge)]
    assert outcomes == ["known", "accepted"]


def test_a_captured_delivery_is_known_under_another_id(installation: Installation) -> None:
    installation.send(github())
    secret = installation.secret("github")

    # Given whoever captured it, who has its signature and no secret
    replayed = github(delivery="another").with_headers(**github().sign(secret, github().body))

    assert installation.send(replayed).outcome is Outcome.KNOWN
    assert len(installation.messages) == 1


def test_the_same_id_with_another_body_is_known(installation: Installation) -> None:
    installation.send(github())

    assert installation.send(github({**ISSUE, "action": "closed"})).outcome is Outcome.KNOWN


def test_gitlab_s_signed_ids_tell_equal_bodies_apart_within_five_minutes(installation: Installation) -> None:
    now = utc_now()

    def send(minutes: int, delivery: str) -> Outcome:
        return installation.send(signed_gitlab(now + timedelta(minutes=minutes), delivery)).outcome

    assert [send(0, "a"), send(0, "b"), send(-4, "c"), send(0, "a")] == [
        Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.KNOWN]
    assert [send(-6, "d"), send(6, "e")] == [Outcome.EXPIRED, Outcome.EXPIRED]


def test_a_stranger_learns_nothing_and_leaves_nothing(installation: Installation) -> None:
    installation.send(github())
    strange = github({"secret": "of a stranger"}, "of_a_stranger", "of a stranger")

    answers = [
        installation.send(strange, "whsec_wrong"), installation.send(strange, "whsec_wrong", "unknown"),
        installation.send(strange, "whsec_wrong", "a" * 1000)]

    assert [answer.outcome for answer in answers] == [Outcome.NOT_FOUND] * 3
    assert installation.noted("github")[0] == ("not-found", "", "", len(strange.body))
    assert installation.noted(None)[0] == ("not-found", "", "", len(strange.body))
    assert len(installation.messages) == 1


def test_an_unknown_name_and_a_wrong_secret_cost_the_same(installation: Installation) -> None:
    costs = []
    installation.send(github(), "whsec_wrong")  # the first one of a process also reads the clock
    for name in ("github", "gitlab", "unknown"):
        with statements_on(installation.database) as statements:
            installation.send(github(), "whsec_wrong", name)
        costs.append([statement.split()[0] for statement in statements])

    assert costs[0] == costs[1] == costs[2]


def test_a_disabled_webhook_says_so_to_its_forge_alone(installation: Installation) -> None:
    with installation.database.transaction() as session:
        hook = session.scalars(select(Hook).where(Hook.name == "github")).one()
        switch_hook(session, "root", hook, on=False)

    assert installation.send(github()).outcome is Outcome.DISABLED
    assert installation.send(github(), "whsec_wrong").outcome is Outcome.NOT_FOUND
    assert not installation.messages


def test_a_rotated_secret_overlaps_with_the_one_before(installation: Installation) -> None:
    def rotate(overlap: timedelta) -> None:
        with installation.database.transaction() as session:
            hook = session.scalars(select(Hook).where(Hook.name == "github")).one()
            rotate_secret(session, "root", hook, utc_now(), overlap)

    def send(secret: str, number: int) -> Outcome:
        return installation.send(github({**ISSUE, "number": number}, delivery=str(number)), secret).outcome

    first = installation.secret("github")
    rotate(HOUR)
    second = installation.secret("github")
    assert [send(first, 1), send(second, 2)] == [Outcome.ACCEPTED] * 2

    rotate(-HOUR)  # so that its overlap is over
    third = installation.secret("github")
    assert len({first, second, third}) == 3
    assert [send(first, 3), send(second, 4), send(third, 5)] == [
        Outcome.NOT_FOUND, Outcome.NOT_FOUND, Outcome.ACCEPTED]


def test_secrets_stay_valid_as_long_as_the_web_app_s_previous_secret(installation: Installation) -> None:
    installation.receiver = installation.receiver_with("a new one", WEB_SECRET)
    assert installation.send(github()).outcome is Outcome.ACCEPTED

    installation.receiver = installation.receiver_with("a new one")
    assert installation.send(github()).outcome is Outcome.NOT_FOUND


def test_a_webhook_of_the_same_name_has_another_secret(installation: Installation) -> None:
    before = installation.secret("github")
    with installation.database.transaction() as session:
        session.delete(session.scalars(select(Hook).where(Hook.name == "github")).one())
    with installation.database.transaction() as session:
        add_hook(session, "root", NewHook("github", "github", "org.example.prod"), utc_now())

    assert installation.send(github(), before).outcome is Outcome.NOT_FOUND
    assert installation.noted("github")[0][0] == "not-found"


def test_pings_and_what_can_t_be_read_are_noted(installation: Installation) -> None:
    outcomes = [installation.send(each).outcome for each in (
        github({}, "ping", "p"), github().with_body(b"[]"), github().with_body(b"{}", "text/plain"),
        github(event=""), github({**ISSUE, "repository": {"private": True}}))]

    assert outcomes == [
        Outcome.PING, Outcome.UNREADABLE, Outcome.CONTENT_TYPE, Outcome.NO_EVENT, Outcome.PRIVATE]
    assert installation.noted("github")[-1] == ("ping", "ping", "p", 2)
    assert not installation.messages


def test_a_flood_is_held_off_by_webhook_and_strangers_use_up_nothing(database: Database) -> None:
    installation = Installation(database, HookSettings(per_hook=RateLimit(2, 3600)))

    def send(number: int, secret: str = "") -> HookAnswer:
        return installation.send(github({"number": number}, delivery=str(number)), secret)

    for number in range(5):
        assert send(number, "whsec_wrong").outcome is Outcome.NOT_FOUND
    assert [send(number).outcome for number in range(2)] == [Outcome.ACCEPTED] * 2
    refused = send(2)
    assert (refused.outcome, len(installation.messages)) == (Outcome.RATE_LIMITED, 2)
    assert 0 < refused.retry_after <= 1800


def test_the_list_of_deliveries_is_bounded_and_strangers_push_nothing_out(
    installation: Installation, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deliveries, "MOST_DELIVERIES", 3)
    installation.send(github())
    for number in range(5):
        installation.send(github({"number": number}), "whsec_wrong")
        installation.send(github(), "whsec_wrong", "unknown")

    noted = [outcome for outcome, *_ in installation.noted("github")]
    assert (noted.count("not-found"), noted.count("accepted")) == (3, 1)
    assert len(installation.noted(None)) == 3


def test_the_same_delivery_at_once_is_stored_once(installation: Installation) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = [each.outcome for each in pool.map(lambda _: installation.send(github()), range(8))]

    assert sorted(answers) == [Outcome.ACCEPTED] + [Outcome.KNOWN] * 7
    assert len(installation.messages) == 1


def test_without_a_database_it_s_to_be_delivered_again(installation: Installation) -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("fmn_hook_deliveries_total", {"outcome": "unavailable"}) or 0

    before = count()
    secret = installation.secret("github")
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    installation.receiver = HookReceiver(
        away, MemoryTokenBuckets(), [WEB_SECRET], HookSettings(), installation.matched.extend)

    answer = installation.send(github(), secret)

    assert answer == HookAnswer(Outcome.UNAVAILABLE, RETRY_AFTER_SECONDS)
    assert count() == before + 1
    away.close()
