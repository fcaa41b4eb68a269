"""Payloads of real forges, recorded on the bus and sent to a webhook: the same event types as there."""

from __future__ import annotations

import json

import pytest

from fmn.administration.hook_management import NewHook, add_hook
from fmn.catalog import catalog
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.sources.webhooks.forges import FORGES
from fmn.sources.webhooks.outcomes import Outcome
from tests.cases import case
from tests.corpus.fedora_messaging import Sample, samples
from tests.factories.forges import DELIVERIES, Delivery
from tests.integration.sources.webhooks.test_receiver import Installation

SAMPLES = [sample for sample in samples() if sample.message.category in FORGES]

pytestmark = pytest.mark.skipif(
    not SAMPLES, reason="the recorded messages aren't beside the project (../shared/corpus)")


def delivery_of(sample: Sample) -> Delivery:
    """What the forge sent, as far as it's recorded; signatures are ours."""
    forge = FORGES[sample.message.category]
    body = sample.message.body
    kept = {name: value for name, value in body[forge.headers_key].items() if value != "redacted"}
    signed = next(each for each in DELIVERIES.values() if each.forge == forge.name and "webhook-id" not in {
        name.lower() for name in each.headers})
    return Delivery(
        forge.name, {"Content-Type": "application/json", **kept},
        json.dumps(body[forge.body_key]).encode(), signed.sign)


@pytest.mark.parametrize("forge", FORGES)
def test_are_stored_as_the_event_types_of_the_bus(database: Database, forge: str) -> None:
    installation = Installation(database)
    recorded = [sample for sample in SAMPLES if sample.message.category == forge]
    assert recorded

    for number, sample in enumerate(recorded):
        # Given a webhook of its own, since some recordings repeat an id or a body; private projects, too
        name = f"{forge}-{number}"
        with database.transaction() as session:
            add_hook(session, "root", NewHook(name, forge, "org.example.prod", private_too=True), utc_now())

        answer = installation.send(delivery_of(sample), installation.secret(name), name)

        # Then it's stored as what it is on the bus, about the same packages, with the same link
        with case(sample.message.title):
            assert answer.outcome is Outcome.ACCEPTED
            stored = installation.messages[-1].message
            ours, theirs = catalog().facts(stored), catalog().facts(sample.message)
            assert (ours.event, ours.packages) == (theirs.event, theirs.packages)
            assert catalog().describe(stored).link == catalog().describe(sample.message).link
