"""Outcomes: which messages say that something failed, and which that the same thing is well."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

import structlog

from fmn.catalog.events import Facts, Outcome

log = structlog.get_logger()


class SubjectOutcome(NamedTuple):
    """What became of something. ``key`` stands for what that is: the same in all messages about it."""

    outcome: Outcome
    key: str


def subject_outcome(facts: Facts) -> SubjectOutcome | None:
    """What a message says that became of something, ``None`` if it says nothing of the kind.

    Never raises for what the body holds.
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
    # Of any length, and with anything in it, until here.
    named = json.dumps([m.message.category, m.environment, *subject])
    return SubjectOutcome(outcome, hashlib.sha256(named.encode()).hexdigest())
