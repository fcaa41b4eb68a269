from __future__ import annotations

import pytest

from tests.messages import described, facts

ELECTION = {"id": 4, "name": "Fedora 22"}
WALLPAPER = {"name": "Moss", "author": "Mary Made-up", "submitter": "mary", "license": "CC0"}


@pytest.mark.parametrize(("what", "summary"), [
    ("new", 'ann sent the wallpaper "Moss" in for the wallpaper election Fedora 22'),
    ("approved", 'ann approved mary\'s wallpaper "Moss" for the wallpaper election Fedora 22'),
    ("denied", 'ann denied mary\'s wallpaper "Moss" for the wallpaper election Fedora 22'),
])
def test_a_wallpaper_concerns_who_sent_it_in(what: str, summary: str) -> None:
    body = {"agent": "ann", "election": ELECTION, "candidate": WALLPAPER}
    told = described(f"nuancier.candidate.{what}", body)

    assert facts(f"nuancier.candidate.{what}", body).agent == "ann"
    assert facts(f"nuancier.candidate.{what}", body).usernames == {"ann", "mary"}
    assert told.summary == summary
    assert told.long == "Author: Mary Made-up\nLicense: CC0"


@pytest.mark.parametrize(("original", "link"), [
    ("https://mary.example.org/moss.jpg", "https://mary.example.org/moss.jpg"),
    (None, "https://apps.fedoraproject.org/nuancier/election/4"),
])
def test_the_original_is_linked_if_there_is_one(original: str | None, link: str) -> None:
    body = {"election": ELECTION, "candidate": {**WALLPAPER, "original_url": original}}

    assert described("nuancier.candidate.new", body).link == link


def test_an_election_is_changed() -> None:
    body = {"agent": "ann", "election": ELECTION, "updated": ["election name", "election year"]}

    assert described("nuancier.election.update", body).summary == (
        "ann changed the name and the year of the wallpaper election Fedora 22")
