"""Which mails have to arrive, and which have: one entry for each event that an address is told of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from benchmarks.naive_matcher import NaiveEvaluator
from fmn.catalog import Message, catalog
from tests.servers.smtp import ReceivedMail
from tests.system.events import TOKEN, Event
from tests.system.population import Crowd

#: Seconds that the mail server may take for a mail that somebody handed over and didn't live to see accepted.
ACCEPTED_WITHIN = 2.0


@dataclass(frozen=True, order=True)
class ExpectedNotification:
    """An address was told of an event."""

    address: str
    token: str


@dataclass(frozen=True)
class Expectation:
    """Who has to be told of what, and by which of their filters. ``notifications`` are by nick."""

    told: Mapping[ExpectedNotification, str]
    notifications: Counter[str]


@dataclass(frozen=True)
class ReceivedSummary:
    """What counts of a mail."""

    message_id: str
    address: str
    tokens: frozenset[str]
    #: Links to pages that tell why: one for each notification.
    reasons: int
    #: The filters that let it through; ``None`` where that isn't said.
    filters: Sequence[str] | None
    #: Seconds since 1970.
    accepted_at: float

    @property
    def is_digest(self) -> bool:
        return self.reasons > 1


def expect(crowd: Crowd, events: Iterable[Event], sent_at: datetime) -> Expectation:
    """Ask every rule of everybody about every event, the slow way."""
    naive = NaiveEvaluator(crowd.filters, crowd.directory, catalog())
    people = {person.nick: person for person in crowd.people}
    told: dict[ExpectedNotification, str] = {}
    notifications: Counter[str] = Counter()
    for event in events:
        facts = catalog().facts(Message("2026-expected", event.topic, sent_at, event.msg))
        # What we know of the event doesn't depend on how the catalogue reads it.
        assert facts.usernames == event.people, event
        assert facts.package_names == event.packages, event
        for concerned in naive.match(facts):
            notifications[concerned.nick] += 1
            for address in people[concerned.nick].confirmed:
                told[ExpectedNotification(address, event.token)] = concerned.filter
    return Expectation(told, notifications)


def letter(mail: ReceivedMail) -> ReceivedSummary:
    """Read a mail. Fails if it isn't to exactly one address, or tells of an event twice."""
    [address] = mail.rcpt_tos
    message = mail.message
    assert message["To"] == address, message.as_string()
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    found = frozenset(TOKEN.findall(text))
    reasons = text.count("/why/")
    assert reasons == len(found), text
    return ReceivedSummary(
        message_id=message["Message-ID"], address=address, tokens=found, reasons=reasons,
        filters=message.get_all("X-FMN-Filter", []), accepted_at=mail.accepted_at)


@dataclass(frozen=True)
class Verdict:
    """What is wrong with the mails that came: each of these is to be empty."""

    missing: Sequence[ExpectedNotification]
    unexpected: Sequence[ExpectedNotification]
    repeated: Sequence[ExpectedNotification]
    wrong_filter: Sequence[ReceivedSummary]

    @property
    def right(self) -> bool:
        return not (self.missing or self.unexpected or self.repeated or self.wrong_filter)


def judge(expected: Expectation, letters: Iterable[ReceivedSummary]) -> Verdict:
    """Hold what came against what had to come."""
    letters = list(letters)
    came = Counter(ExpectedNotification(mail.address, token) for mail in letters for token in mail.tokens)
    wrong = [
        mail for mail in letters if not mail.is_digest and mail.filters is not None
        for token in mail.tokens
        if list(mail.filters) != [expected.told.get(ExpectedNotification(mail.address, token))]
    ]
    return Verdict(
        missing=sorted(expected.told.keys() - came.keys()),
        unexpected=sorted(came.keys() - expected.told.keys()),
        repeated=sorted(one for one, times in came.items() if times > 1),
        wrong_filter=wrong)


def duplicates(letters: Iterable[ReceivedSummary]) -> Mapping[str, Sequence[ReceivedSummary]]:
    """The mails that came more than once, by their Message-ID."""
    by_id: defaultdict[str, list[ReceivedSummary]] = defaultdict(list)
    for mail in letters:
        by_id[mail.message_id].append(mail)
    return {message_id: same for message_id, same in by_id.items() if len(same) > 1}
