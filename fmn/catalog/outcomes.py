"""Outcomes of messages: which report a failure, and which a recovery of the same subject."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

import structlog

from fmn.catalog.events import Facts, Outcome

log = structlog.get_logger()


class SubjectOutcome(NamedTuple):
    """Outcome of a subject. ``key`` identifies the subject in all messages about it."""

    outcome: Outcome
    key: str


def subject_outcome(facts: Facts) -> SubjectOutcome | None:
    """Outcome that a message reports; ``None`` without one.

    Never raises, whatever the body contains.
    """
    event, m = facts.event, facts.reader
    try:
        outcome = event.outcome(m)
        subject = event.subject(m) if outcome is not None else ()
    except Exception:
        log.exception("catalogue entry failed", event_type=event.name, msg_id=facts.message.msg_id)
        return None
    if outcome is None or not subject or not all(subject):
        return None
    # The parts have any length and content: hash them.
    named = json.dumps([m.message.category, m.environment, *subject])
    return SubjectOutcome(outcome, hashlib.sha256(named.encode()).hexdigest())
