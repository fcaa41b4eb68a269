from __future__ import annotations

import pytest

from tests.messages import described, facts

INFRA = "/srv/web/infra/ansible/playbooks/groups/moss.yml"
RESULTS = {
    "moss01": {"ok": 5, "changed": 1, "failures": 0, "unreachable": 0},
    "moss02": {"ok": 4, "failures": 1},
    "moss03": {"unreachable": 1},
}


@pytest.mark.parametrize(("path", "link"), [
    (INFRA, "http://infrastructure.fedoraproject.org/cgit/ansible.git/tree/playbooks/groups/moss.yml"),
    ("/home/mary/ansible/playbooks/groups/moss.yml", ""),
    (f"/home/mary{INFRA}", ""),
    (None, ""),
])
@pytest.mark.parametrize("title", ["ansible.playbook.start", "ansible.playbook.complete"])
def test_only_playbooks_that_are_checked_in_have_a_page(title: str, path: str | None, link: str) -> None:
    body = {"userid": "mary", "playbook": path}

    assert described(title, body).link == link
    assert facts(title, body).usernames == {"mary"}


@pytest.mark.parametrize(("check", "why"), [(True, " to see what it would change"), (False, "")])
def test_a_start_is_told(check: bool, why: str) -> None:
    body = {"userid": "mary", "playbook": INFRA, "check": check}

    assert described("ansible.playbook.start", body).summary == (
        f"mary started the playbook groups/moss.yml{why}")


def test_an_end_is_told_host_by_host() -> None:
    told = described("ansible.playbook.complete", {"userid": "mary", "playbook": INFRA, "results": RESULTS})

    assert told.summary == (
        "The playbook groups/moss.yml that mary started is complete on 3 hosts, and failed on 2")
    assert told.long == "- moss01: 5 ok, 1 changed\n- moss02: 4 ok, 1 failures\n- moss03: 1 unreachable"
