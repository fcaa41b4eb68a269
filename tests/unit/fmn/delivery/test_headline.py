"""What subjects of mails and first lines of digests say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fmn.catalog import catalog
from fmn.catalog.events import EventType, Outcome, Severity
from fmn.delivery.contract import RenderedNotification
from fmn.delivery.headline import addressed, digest_headline
from tests.unit.fmn.delivery.email.examples import a_delivery, a_notification, received, some_notifications

EVENTS = {event.name: event for each in catalog().applications.values() for event in each.event_types}


def of(*names: str) -> Sequence[RenderedNotification]:
    """Notifications about the catalogue's examples of these event types."""
    return [_example(EVENTS[name], number) for number, name in enumerate(names, 1)]


def _example(event: EventType, number: int) -> RenderedNotification:
    message = event.example_message()
    facts = catalog().facts(message)
    return replace(
        a_notification(number), message=message, description=catalog().describe(message), agent=facts.agent,
        usernames=sorted(facts.usernames), packages=[])


@pytest.mark.parametrize(("names", "headline"), [
    (["git_receive", "git_receive"], "2 notifications"),
    (["git_receive", "git_receive", "ci_artifact_test_failed", "git_receive", "git_receive"],
     "1 failed test, 4 more"),
    # Errors first, then what is most frequent; others are counted
    (["ci_artifact_test_failed", "ci_artifact_test_failed", "koji_build_failed", "bodhi_update_eject"],
     "1 failed build, 2 failed tests, 1 more"),
    (["koji_build_failed", "koji_build_failed"], "2 failed builds"),
])
def test_a_digest_leads_with_the_worst(names: Sequence[str], headline: str) -> None:
    assert digest_headline(a_delivery(*of(*names))) == headline


def test_what_is_only_counted_is_more() -> None:
    delivery = replace(a_delivery(*of("koji_build_failed", "git_receive")), more=1998)
    assert digest_headline(delivery) == "1 failed build, 1,999 more"


def test_its_mail_has_it_as_the_subject() -> None:
    mail = received(a_delivery(*some_notifications(), *of("ci_artifact_test_failed")))
    assert mail["Subject"] == "1 failed test, 5 more"


@pytest.mark.parametrize(("nick", "subject"), [
    ("mary", "Your build of moss-2.4-1.fc44 failed"), ("sam", "mary's build of moss-2.4-1.fc44 failed")])
def test_a_build_is_yours_to_the_one_who_built_it(nick: str, subject: str) -> None:
    assert received(replace(a_delivery(*of("koji_build_failed")), nick=nick))["Subject"] == subject


def test_a_word_that_only_looks_like_the_reader_stays() -> None:
    item = replace(a_notification(), agent="bob", usernames=["bob"])
    assert addressed("mary's build failed", item, "mary") == "mary's build failed"


def test_every_failure_of_the_catalogue_can_be_counted() -> None:
    for event in EVENTS.values():
        if event.severity is Severity.ERROR or event.default_outcome is Outcome.FAILED:
            assert event.count_noun, event.name
            assert not event.count_noun.endswith("s")
