from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import catalog
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

HOST = {"id": 42, "name": "moss.mirrors.example.org", "country": "DE", "bandwidth": 1000, "asn": None,
        "url": "https://mirrormanager.example.org/host/42"}
SITE = {"id": 7, "name": "Forest", "org_url": None, "admins": ["mary", "sam"]}


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("crawler.start", {"hosts": [{"id": 1}, {"id": 2}]}, "The crawler started to look at 2 mirrors"),
    ("crawler.start", {}, "The crawler started to look at mirrors"),
    ("crawler.complete", {"results": [{"rc": 0}, {"rc": 0}]}, "The crawler looked at 2 mirrors"),
    ("crawler.complete", {"results": [{"rc": 0}, {"rc": 9}, {"rc": 1}]},
     "The crawler looked at 3 mirrors and failed at 2 of them"),
    ("crawler.propagation.complete", {"results": [{"repo_id": 3}]}, "The crawler looked at 1 mirror"),
    ("netblocks.get", {"success": True, "type": "global"},
     "MirrorManager updated its list of global addresses"),
    ("netblocks.get", {"success": False, "type": "internet2"},
     "MirrorManager couldn't update its list of internet2 addresses"),
    ("host.added", {"site_id": 7, "host_id": 42}, "Somebody added the mirror 42 to the site 7"),
    ("site.deleted", {"site_id": 7, "site_name": "Forest"}, "Somebody deleted the site Forest"),
])
def test_what_happens_to_mirrors_is_told(title: str, body: dict[str, Any], summary: str) -> None:
    told = described(f"mirrormanager.{title}", body)

    assert told.summary == summary
    assert told.link == "https://mirrors.fedoraproject.org"
    assert told.secondary_icon == catalog().applications["mirrormanager"].icon


def test_those_who_run_a_mirror_are_concerned_by_what_is_done_to_it() -> None:
    title, body = "mirrormanager.host.updated.v2", {"agent": "ann", "host": HOST, "site": SITE}
    known, told = facts(title, body), described(title, body)

    assert known.agent == "ann"
    assert known.usernames == {"ann", "mary", "sam"}
    assert told.summary == "ann changed the mirror moss.mirrors.example.org of the site Forest"
    assert told.link == "https://mirrormanager.example.org/host/42"
    assert told.secondary_icon == avatar("ann")


def test_the_crawler_says_why_it_disabled_a_mirror() -> None:
    body = {"host": HOST, "site": SITE, "reason": "No answer.", "crawled_at": "noon", "logs_url": "https://l"}

    assert facts("mirrormanager.crawler.host.disabled.v1", body).usernames == {"mary", "sam"}
    told = described("mirrormanager.crawler.host.disabled.v1", body)
    assert told.summary == "The crawler disabled the mirror moss.mirrors.example.org"
    assert told.long == "No answer.\n\nCrawled at: noon\nLog: https://l"
