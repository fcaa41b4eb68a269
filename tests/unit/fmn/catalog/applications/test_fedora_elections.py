from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

COUNCIL = {"alias": "moss26", "shortdesc": "Moss Council", "description": "It decides.", "url": "https://moss.org"}


@pytest.mark.parametrize("body", [
    {"agent": "ann", "election": COUNCIL},
    {**COUNCIL, "fas_user": "ann"},
])
def test_an_election_is_told_in_both_shapes(body: dict[str, Any]) -> None:
    told = described("fedora_elections.election.new", body)

    assert facts("fedora_elections.election.new", body).usernames == {"ann"}
    assert told.summary == 'ann made the election "Moss Council"'
    assert told.link == "https://elections.fedoraproject.org/about/moss26"
    assert told.long == "It decides.\n\nMore: https://moss.org"
    assert told.secondary_icon == avatar("ann")


@pytest.mark.parametrize(("what", "summary"), [
    ("new", 'ann added the candidate Mary to the election "Moss Council"'),
    ("edit", 'ann changed the candidate Mary of the election "Moss Council"'),
    ("delete", 'ann removed the candidate Mary from the election "Moss Council"'),
])
def test_what_happens_to_candidates_is_told(what: str, summary: str) -> None:
    body = {"agent": "ann", "election": COUNCIL, "candidate": {"name": "Mary"}}

    assert described(f"fedora_elections.candidate.{what}", body).summary == summary
    assert facts(f"fedora_elections.candidate.{what}", body).usernames == {"ann"}


def test_a_candidate_may_have_an_account() -> None:
    election = {**COUNCIL, "candidates_are_fasusers": 1}
    body = {"agent": "ann", "election": election, "candidate": {"name": "mary"}}

    assert facts("fedora_elections.candidate.new", body).usernames == {"ann", "mary"}


def test_newer_messages_name_the_account_of_a_candidate() -> None:
    candidate = {"name": "Mary M.", "fas_name": "mary"}
    body = {"agent": "ann", "election": {"alias": "moss"}, "candidate": candidate}

    assert facts("fedora_elections.candidate.new", body).usernames == {"ann", "mary"}
