"""Elections of people to the project's bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, paragraphs, quoted

VOTING = "https://elections.fedoraproject.org"

#: Made up for examples.
ELECTION: dict[str, Any] = {
    "alias": "moss-mar26", "shortdesc": "Moss Council - March 2026", "voting_type": "range", "embargoed": 1,
    "description": "The Moss Council decides where moss grows.", "url": "https://moss.example.org/council",
    "start_date": "2026-03-20 00:00", "end_date": "2026-03-27 23:59",
}


def election_of(m: MessageReader) -> JsonNode:
    """The election that a message is about: an object of its own, or the body itself."""
    return m.at("election") if m.keys("election") else m


class Elections(EventType):
    """Anything from the elections."""

    def agent(self, m: MessageReader) -> str | None:
        return super().agent(m) or person(election_of(m), "fas_user") or None

    def link(self, m: MessageReader) -> str:
        return page(VOTING, "about", election_of(m).text("alias"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        election = quoted(election_of(m).text("shortdesc")) or election_of(m).text("alias")
        return {
            **super().template_values(m),
            "election": f"the election {election}" if election else "an election",
            "candidate": m.text("candidate", "name") or "somebody",
        }


class ElectionEvent(Elections):
    """Something happened to an election."""

    example = sample(agent="ann", election=ELECTION)

    def long(self, m: MessageReader) -> str:
        election = election_of(m)
        return paragraphs(
            election.text("description"),
            labelled(
                Seats=election.text("seats_elected"),
                Voting=election.text("voting_type"),
                More=election.text("url"),
            ),
        )


class ElectionNew(ElectionEvent):
    """Somebody made an election."""

    topics = ("fedora_elections.election.new",)
    rule = "fedora_elections_election_new"
    title = "New election"
    summary_template = "{who} made {election}"


class ElectionEdit(ElectionEvent):
    """Somebody changed an election."""

    topics = ("fedora_elections.election.edit",)
    rule = "fedora_elections_election_edit"
    title = "Election changed"
    summary_template = "{who} changed {election}"


class CandidateEvent(Elections):
    """Something happened to a candidate."""

    example = sample(
        agent="ann", election={**ELECTION, "candidates_are_fasusers": 1},
        candidate={"name": "mary", "url": "https://mary.example.org"})

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        """A candidate's name is an account only if the election says so of all of them.

        Newer messages name the account beside it.
        """
        has_account = m.number("election", "candidates_are_fasusers")
        return (
            self.agent(m), m.text("candidate", "fas_name"), person(m, "candidate") if has_account else None)

    def long(self, m: MessageReader) -> str:
        return labelled(More=m.text("candidate", "url"))


class CandidateNew(CandidateEvent):
    """Somebody was nominated."""

    topics = ("fedora_elections.candidate.new",)
    rule = "fedora_elections_candidate_new"
    title = "New candidate"
    summary_template = "{who} added the candidate {candidate} to {election}"


class CandidateEdit(CandidateEvent):
    """What's said of a candidate changed."""

    topics = ("fedora_elections.candidate.edit",)
    rule = "fedora_elections_candidate_edit"
    title = "Candidate changed"
    summary_template = "{who} changed the candidate {candidate} of {election}"


class CandidateDelete(CandidateEvent):
    """Somebody is no longer a candidate."""

    topics = ("fedora_elections.candidate.delete",)
    rule = "fedora_elections_candidate_delete"
    title = "Candidate removed"
    summary_template = "{who} removed the candidate {candidate} from {election}"
    severity = Severity.WARNING


APPLICATION = Application(
    category="fedora_elections",
    title="Elections",
    help="Elections of people: made, changed, and who stands in them.",
    other=Elections,
    events=(ElectionNew, ElectionEdit, CandidateNew, CandidateEdit, CandidateDelete),
)
