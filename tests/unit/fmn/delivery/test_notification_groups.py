from __future__ import annotations

from dataclasses import replace

from fmn.catalog import Severity, catalog
from fmn.delivery.contract import RenderedNotification
from fmn.delivery.notification_groups import group_notifications
from tests.messages import message


def item(title: str, agent: str | None, *packages: str, **body: object) -> RenderedNotification:
    """The notification of a message that the catalogue describes."""
    told = message(title, body)
    return RenderedNotification(
        told, catalog().describe(told), agent, [], packages, 7, "Packages that I own", 1)


def push(package: str, namespace: str = "rpms") -> RenderedNotification:
    """Ralph's push to a package."""
    commit = {"namespace": namespace, "repo": package, "branch": "f44", "username": "ralph"}
    return item("git.receive", "ralph", f"{namespace}/{package}", commit=commit)


def test_a_group_of_alike_notifications_is_one_sentence() -> None:
    items = [push("ghc"), *(push(f"ghc-{n}") for n in range(487))]
    [group] = group_notifications(items)
    assert group.summary == "ralph pushed to ghc and 487 other packages (f44)"
    assert group.items == items


def test_a_notification_that_is_like_no_other_says_what_it_said() -> None:
    [group] = group_notifications([push("ghc")])
    assert group.summary == "ralph pushed to rpms/ghc (f44)"


def test_packages_of_one_name_in_two_namespaces_are_two() -> None:
    [group] = group_notifications([push("php"), push("php", "modules")])
    assert group.summary == "ralph pushed to php and modules/php (f44)"


def test_notifications_of_two_applications_or_two_kinds_are_apart() -> None:
    others = [item(title, "ralph", "rpms/ghc") for title in ("git.branch", "pagure.git.receive")]
    some = [push("ghc"), *others]
    assert [group.items for group in group_notifications(some)] == [[one] for one in some]


def test_messages_that_the_catalogue_does_not_know_are_together_by_their_topic() -> None:
    leaks = [item("waterworks.tap.leak", None) for _ in range(3)]
    burst = item("waterworks.pipe.burst", None)
    assert [group.summary for group in group_notifications([*leaks, burst])] == [
        f"{leaks[0].description.summary}, and 2 more like it", burst.description.summary]


def test_events_of_one_type_that_are_told_of_in_different_words_are_apart() -> None:
    one = push("ghc")
    telling = replace(one.description.group_summary_part, template="{who:people} broke {name:packages}")
    other = replace(one, description=replace(one.description, group_summary_part=telling))
    assert [group.summary for group in group_notifications([one, other, other])] == [
        "ralph pushed to rpms/ghc (f44)", "ralph broke ghc, 2 times"]


def test_severity_and_kind_are_the_event_type_s() -> None:
    described = item("buildsys.build.state.change", "ralph", new=3, old=0).description
    assert (described.severity, described.kind) == (Severity.ERROR, "koji_build_failed")
