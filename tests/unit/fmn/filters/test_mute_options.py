from __future__ import annotations

from functools import partial

from fmn.catalog import Facts, catalog
from fmn.catalog.threads import thread_of
from fmn.filters.models import MuteKind
from fmn.filters.mute_options import MAX_PACKAGES, MuteOption, describe_mute, mute_options
from fmn.filters.mutes import UserMutes
from tests.messages import facts


def comment(*packages: str) -> Facts:
    """That somebody commented on an update of these packages."""
    nvrs = [f"{package}-1-1.fc44" for package in packages]
    return facts("bodhi.update.comment", {"agent": "tom", "comment": {"author": "tom", "update": {
        "alias": "FEDORA-2026-1", "title": " ".join(nvrs),
        "builds": [{"nvr": nvr, "type": "rpm"} for nvr in nvrs]}}})


def of_packages(count: int) -> list[tuple[list[str], str]]:
    found = mute_options(comment(*(f"p{number}" for number in range(count))))
    return [(list(each.values), each.words) for each in found if each.kind is MuteKind.PACKAGE]


def test_offers_the_kind_the_package_and_the_thread() -> None:
    assert mute_options(comment("moss")) == [
        MuteOption(MuteKind.EVENT, ["bodhi_update_comment"], "“Comment on an update” from Bodhi"),
        MuteOption(MuteKind.PACKAGE, ["rpms/moss"], "the package rpms/moss"),
        MuteOption(MuteKind.THREAD, ["https://bodhi.fedoraproject.org/updates/FEDORA-2026-1"],
              "the thread bodhi.fedoraproject.org/updates/FEDORA-2026-1"),
    ]


def test_offers_packages_one_by_one_and_together_unless_there_are_a_lot() -> None:
    assert of_packages(2) == [
        (["rpms/p0"], "the package rpms/p0"), (["rpms/p1"], "the package rpms/p1"),
        (["rpms/p0", "rpms/p1"], "all 2 packages")]
    assert len(of_packages(MAX_PACKAGES)) == MAX_PACKAGES + 1
    assert of_packages(MAX_PACKAGES + 1) == []


def test_keeps_a_message_from_whoever_takes_an_offer_that_is_about_all_of_it() -> None:
    for event in catalog().event_types():
        its = catalog().facts(event.example_message())
        for offer in mute_options(its):
            muted = UserMutes([(offer.kind, value, None) for value in offer.values])
            silence = muted.active_mute(its, partial(thread_of, its))
            a_part = offer.kind is MuteKind.PACKAGE and len(offer.values) < len(its.packages)
            assert (silence is None) is a_part


def test_says_what_is_muted() -> None:
    others = catalog().facts(facts("bodhi.novelty").message).event.name
    assert describe_mute("event", others) == "all other messages from Bodhi"
    unknown = facts("oven.cake").event.name
    assert describe_mute("event", unknown) == "messages of applications that the catalogue doesn’t know"
    assert describe_mute("event", "gone_since") == "“gone_since”"
    assert describe_mute("thread", "https://example.org/1") == "the thread example.org/1"
