from __future__ import annotations

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

COMMIT = {
    "username": "mary", "branch": "main", "rev": "1f2e", "summary": "Water more", "path": "/git/ansible"}


def test_a_commit_to_a_public_repository_has_a_page() -> None:
    body = {"commit": {**COMMIT, "repo": "ansible"}}
    told = described("infragit.receive", body)

    assert facts("infragit.receive", body).agent == "mary"
    assert told.summary == 'mary pushed to ansible (main): "Water more"'
    assert told.link == "http://infrastructure.fedoraproject.org/cgit/ansible.git/commit/?id=1f2e"
    assert told.secondary_icon == avatar("mary")


def test_a_repository_may_be_known_by_its_path_alone() -> None:
    told = described("infragit.receive", {"commit": {**COMMIT, "repo": "", "path": "/git/puppet"}})

    assert told.summary == 'mary pushed to puppet (main): "Water more"'
    assert told.link == ""
