"""One batch in which each stage of the pipeline decides something, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from fmn.catalog import Message, catalog
from fmn.catalog.events import Outcome
from fmn.catalog.outcomes import SubjectOutcome
from fmn.filters.editing import set_filter_enabled
from fmn.filters.models import MuteKind
from fmn.filters.mutes import mute
from fmn.infra.db import Database
from fmn.ledger.messages import UnmatchedMessage, lock_unmatched, store
from fmn.matching.pipeline import Candidate, Delay, MatchedMessage, Pipeline
from fmn.settings import FloodSettings
from tests.factories.messages import NOON, make_message
from tests.factories.people import Person, make_person


def decided(
    session: Session, rows: list[UnmatchedMessage], *people: Person, limit: int = 100,
) -> list[Candidate]:
    """What the stages decide of messages that match the first filters of these people, all about failures."""
    matches = [each.recipient for each in people]
    batch = [MatchedMessage(row, catalog().facts(row.message), matches) for row in rows]
    outcomes = {row.id: SubjectOutcome(Outcome.FAILED, "a build") for row in rows}
    limits = FloodSettings(per_event=limit, per_preference=limit)
    return list(Pipeline(session, NOON, limits, outcomes).decide(batch))


def taken_in(session: Session, *messages: Message) -> list[UnmatchedMessage]:
    return lock_unmatched(session, store(session, messages, NOON))


def test_each_stage_decides_about_its_own(database: Database) -> None:
    # Given people with a mute, a filter that's off, a one-shot filter, a digest, a recovery time, and nothing
    muted, off, plain = (make_person(database, nick) for nick in ("muted", "off", "plain"))
    once = make_person(database, "once", oneshot=True)
    digest = make_person(database, "digest", digest_seconds=60)
    delayed = make_person(database, "delayed", hold_minutes=10)
    with database.transaction() as session:
        event = catalog().facts(make_message()).event.name
        mute(session, muted.user_id, MuteKind.EVENT, event, None, NOON)
        set_filter_enabled(session, off.filter_ids[0], enabled=False)
    # When two messages match them all, and one notification at a time is let through
    with database.transaction() as session:
        rows = taken_in(session, make_message(1), make_message(2))
        found = decided(session, rows, muted, off, once, digest, delayed, plain, limit=1)
        told = {
            (each.match.user_id, each.message.stored.id): (each.batched, each.throttled, each.delay)
            for each in found}
        first, second = (row.id for row in rows)
    # Then each is treated as it should be
    delay = Delay("a build", NOON + timedelta(minutes=10))
    assert told == {
        (once.user_id, first): (False, False, None),
        (digest.user_id, first): (True, False, None), (digest.user_id, second): (True, False, None),
        (delayed.user_id, first): (False, False, delay), (delayed.user_id, second): (True, True, delay),
        (plain.user_id, first): (False, False, None), (plain.user_id, second): (True, True, None),
    }


def test_messages_without_matches_lead_to_nothing(database: Database) -> None:
    with database.transaction() as session:
        rows = taken_in(session, make_message())
        assert decided(session, rows) == []
