"""Nuancier, where the wallpapers of releases were chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import join_series, labelled, quoted

NUANCIER = "https://apps.fedoraproject.org/nuancier"

#: Made up for examples.
ELECTION: dict[str, Any] = {
    "id": 4, "name": "Fedora 22", "year": 2015, "date_start": 1392958800.0, "date_end": 1393045200.0,
    "submission_date_start": 1392786000.0,
}
CANDIDATE: dict[str, Any] = {
    "name": "Moss on a tree", "author": "Mary Made-up", "submitter": "mary", "license": "CC-BY-SA",
    "original_url": "https://mary.example.org/moss.jpg",
}


class Nuancier(EventType):
    """Anything from Nuancier."""

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), person(m, "candidate", "submitter"))

    def link(self, m: MessageReader) -> str:
        return page(NUANCIER, "election", m.text("election", "id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        election, candidate = m.text("election", "name"), quoted(m.text("candidate", "name"))
        submitter = person(m, "candidate", "submitter")
        fields = (field.removeprefix("election ") for field in m.texts("updated"))
        return {
            **super().template_values(m),
            "election": f"the wallpaper election {election}" if election else "a wallpaper election",
            "candidate": f"the wallpaper {candidate}" if candidate else "a wallpaper",
            "whose": f"{submitter}'s" if submitter else "somebody's",
            "name": candidate or "of some name",
            "fields": join_series(f"the {field}" for field in fields) or "something",
        }


class Candidate(Nuancier):
    """Something happened to a wallpaper that may be chosen."""

    example = sample(agent="ann", candidate=CANDIDATE, election=ELECTION)

    def link(self, m: MessageReader) -> str:
        return m.text("candidate", "original_url") or super().link(m)

    def long(self, m: MessageReader) -> str:
        return labelled(
            Author=m.text("candidate", "author"),
            License=m.text("candidate", "license"),
            Reason=m.text("candidate", "approved_motif"),
        )


class CandidateNew(Candidate):
    """Somebody sent a wallpaper in."""

    topics = ("nuancier.candidate.new",)
    rule = "nuancier_candidate_new"
    title = "New wallpaper"
    summary_template = "{who} sent {candidate} in for {election}"
    group_summary_template = "{who:people} sent {candidate:wallpapers} in for {election:elections}"
    example = sample(agent="mary", candidate=CANDIDATE, election=ELECTION)


class CandidateApproved(Candidate):
    """A wallpaper may be chosen."""

    topics = ("nuancier.candidate.approved",)
    rule = "nuancier_candidate_approved"
    title = "Wallpaper approved"
    summary_template = "{who} approved {whose} wallpaper {name} for {election}"
    group_summary_template = "{who:people} approved {candidate:wallpapers} for {election:elections}"


class CandidateDenied(Candidate):
    """A wallpaper may not be chosen."""

    topics = ("nuancier.candidate.denied",)
    rule = "nuancier_candidate_denied"
    title = "Wallpaper denied"
    summary_template = "{who} denied {whose} wallpaper {name} for {election}"
    group_summary_template = "{who:people} denied {candidate:wallpapers} for {election:elections}"


class ElectionNew(Nuancier):
    """Somebody made an election of wallpapers."""

    topics = ("nuancier.election.new",)
    rule = "nuancier_election_new"
    title = "New election of wallpapers"
    summary_template = "{who} made {election}"
    example = sample(agent="ann", election=ELECTION)


class ElectionUpdate(Nuancier):
    """Somebody changed an election of wallpapers."""

    topics = ("nuancier.election.update",)
    rule = "nuancier_election_update"
    title = "Election of wallpapers changed"
    summary_template = "{who} changed {fields} of {election}"
    example = sample(agent="ann", election=ELECTION, updated=["election start date", "election end date"])


class New(Nuancier):
    """Somebody made something that isn't an election or a wallpaper."""

    topics = ("nuancier.new",)
    title = "Something new"
    summary_template = "{who} made {thing}"
    group_summary_template = "{who:people} made {thing:things}"
    example = sample(agent="ann", thing={"id": 1, "name": "Moss"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        thing = quoted(m.text("thing", "name"))
        return {**super().template_values(m), "thing": f"the thing {thing}" if thing else "something"}


APPLICATION = Application(
    category="nuancier",
    title="Nuancier",
    help="Elections of wallpapers, and what was sent in for them.",
    icon="https://apps.fedoraproject.org/img/icons/nuancier.png",
    other=Nuancier,
    retired=True,
    events=(CandidateNew, CandidateApproved, CandidateDenied, ElectionNew, ElectionUpdate, New),
)
