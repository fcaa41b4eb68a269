from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Package
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

WAIVERS = "https://waiverdb-web-waiverdb.app.os.fedoraproject.org/api/v1.0/waivers"
FIRST = {
    "id": 8, "username": "mary", "waived": True, "comment": "No disk left.", "product_version": "fedora-26",
    "result_id": 123,
}
TODAY = {
    **FIRST, "result_id": None, "testcase": "dist.rpmlint", "subject_type": "koji_build",
    "subject_identifier": "moss-2.4-1.fc44", "proxied_by": "bodhi",
}


def test_a_waiver_concerns_whoever_gave_it() -> None:
    known = facts("waiverdb.waiver.new", FIRST)
    told = described("waiverdb.waiver.new", FIRST)

    assert known.agent == "mary"
    assert known.usernames == {"mary"}
    assert known.packages == frozenset()
    assert told.summary == 'mary waived result 123 for fedora-26: "No disk left."'
    assert told.link == f"{WAIVERS}/8"
    assert told.secondary_icon == avatar("mary")


def test_today_s_waivers_concern_the_package_too() -> None:
    told = described("waiverdb.waiver.new", TODAY)

    assert facts("waiverdb.waiver.new", TODAY).packages == {Package("", "moss")}
    assert told.summary == 'mary waived dist.rpmlint of moss-2.4-1.fc44 for fedora-26: "No disk left."'
    assert told.long == (
        "No disk left.\n\nTest: dist.rpmlint\nSubject: moss-2.4-1.fc44\nProduct: fedora-26\nBy way of: bodhi")


@pytest.mark.parametrize(("body", "summary"), [
    ({**TODAY, "waived": False, "comment": ""},
     "mary took back the waiver of dist.rpmlint of moss-2.4-1.fc44 for fedora-26"),
    ({"username": "mary", "testcase": "dist.rpmlint"}, "mary waived dist.rpmlint"),
    ({}, "Somebody waived a result"),
])
def test_a_waiver_may_say_less_or_be_taken_back(body: Any, summary: str) -> None:
    assert described("waiverdb.waiver.new", body).summary == summary


def test_a_waiver_without_a_number_has_the_page_of_all() -> None:
    assert described("waiverdb.waiver.new", {}).link == WAIVERS
