from __future__ import annotations

import pytest

from fmn.catalog import Package
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

UPLOAD = {"agent": "mary", "name": "moss", "filename": "moss-2.4.tar.xz", "md5sum": "0f343b"}


@pytest.mark.parametrize(("step", "summary"), [
    ("start", "summershum started to read moss-2.4.tar.xz of moss"),
    ("complete", "summershum read moss-2.4.tar.xz of moss"),
    ("fail", "summershum couldn't read moss-2.4.tar.xz of moss"),
])
def test_each_step_concerns_the_upload_and_who_made_it(step: str, summary: str) -> None:
    title, body = f"summershum.ingest.{step}", {"original": UPLOAD}

    assert facts(title, body).agent == "mary"
    assert facts(title, body).packages == {Package("rpms", "moss")}
    assert described(title, body).summary == summary
    assert described(title, body).secondary_icon == avatar("mary")
    assert described(title, body).link == (
        "http://pkgs.fedoraproject.org/lookaside/pkgs/moss/moss-2.4.tar.xz/0f343b/moss-2.4.tar.xz")


def test_a_failure_tells_why() -> None:
    body = {"original": UPLOAD, "error": "not a gzip file"}

    assert described("summershum.ingest.fail", body).long.startswith("not a gzip file\n\nUploaded by: mary")
