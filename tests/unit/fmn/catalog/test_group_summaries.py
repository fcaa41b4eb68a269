from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog.group_summaries import GroupSummaryPart, group_summary
from tests.messages import described

PUSHES = "{who:people} pushed to {package:packages}{branch}"


def pushes(*packages: str, who: str = "ralph", branch: str = "") -> list[GroupSummaryPart]:
    """A push to each package."""
    return [GroupSummaryPart.of(PUSHES, {"who": who, "package": name, "branch": branch}) for name in packages]


@pytest.mark.parametrize(("parts", "said"), [
    (pushes("ghc", "cabal"), "ralph pushed to ghc and cabal"),
    (pushes("ghc", "cabal", "alex"), "ralph pushed to ghc, cabal and alex"),
    (pushes("ghc", "cabal", "alex", "happy"), "ralph pushed to ghc and 3 other packages"),
    (pushes("ghc", *(f"ghc-{n}" for n in range(487))), "ralph pushed to ghc and 487 other packages"),
    (pushes(*(f"p{n}" for n in range(5000))), "ralph pushed to p0 and 4,999 other packages"),
    ([*pushes("ghc"), *pushes("ghc", who="mary")], "ralph and mary pushed to ghc"),
    ([push for n in range(5) for push in pushes("ghc", who=f"u{n}")], "u0 and 4 other people pushed to ghc"),
])
def test_names_a_few_different_things_and_counts_more(parts: list[GroupSummaryPart], said: str) -> None:
    assert group_summary(parts, "ralph pushed to rpms/ghc") == said


def test_counts_a_thing_once_however_often_it_comes() -> None:
    assert group_summary(pushes("ghc", "cabal", "ghc"), "") == "ralph pushed to ghc and cabal"


def test_says_how_many_they_are_where_they_all_read_the_same() -> None:
    assert group_summary(pushes("ghc", "ghc", "ghc"), "") == "ralph pushed to ghc, 3 times"


def test_says_what_all_have_alike_and_nothing_where_they_differ() -> None:
    in_one = pushes("ghc", "cabal", branch=" (f44)")
    assert group_summary(in_one, "") == "ralph pushed to ghc and cabal (f44)"
    assert group_summary(
        [*in_one, *pushes("alex", branch=" (f43)")], "") == "ralph pushed to ghc, cabal and alex"


def test_events_that_have_to_be_alike_in_a_word_are_of_different_kinds_where_they_are_not() -> None:
    template = "{who:people} {did:alike} {request:pull requests}"
    merged, closed, other = (
        GroupSummaryPart.of(template, {"who": "mary", "did": did, "request": request})
        for did, request in (("merged", "moss#1"), ("closed", "moss#2"), ("merged", "moss#3")))

    assert merged.group_key == other.group_key != closed.group_key
    assert group_summary([merged, other], "") == "mary merged moss#1 and moss#3"
    assert group_summary([merged, merged], "") == "mary merged moss#1, 2 times"


def test_goes_by_the_first_summary_without_a_template() -> None:
    said = group_summary([GroupSummaryPart()] * 20, "mary made the branch f44")
    assert said == "mary made the branch f44, and 19 more like it"


def test_a_template_with_a_word_that_nobody_knows_is_noticed_at_the_first_event() -> None:
    with pytest.raises(KeyError, match="branch"):
        GroupSummaryPart.of(PUSHES, {"who": "ralph", "package": "ghc"})


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=2))
def test_is_one_line_whatever_the_words_are(words: list[tuple[str, str, str]]) -> None:
    parts = [GroupSummaryPart.of(PUSHES, {"who": w, "package": p, "branch": b}) for w, p, b in words]
    said = group_summary(parts, "")
    assert said == " ".join(said.split())
    assert "pushed to" in said


class TestWhatEventTypesSayOfSeveral:
    def test_a_mass_rebuild(self) -> None:
        builds = [{"name": name, "version": "1", "release": "2.fc44", "owner": "releng", "old": 0, "new": 3}
                  for name in ("ghc", *(f"ghc-{n}" for n in range(487)))]
        assert said("buildsys.build.state.change", *builds) == (
            "releng's builds of ghc and 487 other packages failed")

    def test_signed_files(self) -> None:
        files = [{"sigkey": "6d9f90a6", "rpm": {
            "name": f"moss{part}", "version": "2.4", "release": "1.fc44", "arch": "noarch"}}
            for part in ("", "-devel", "-doc", "-libs")]
        assert said("buildsys.rpm.sign", *files) == (
            "Files were signed with the key 6d9f90a6: moss-2.4-1.fc44.noarch and 3 other files")

    def test_tags(self) -> None:
        tags = [{"name": name, "version": "1", "release": "2", "tag": "f44-updates", "user": "bodhi"}
                for name in ("moss", "fern")]
        assert said("buildsys.tag", *tags) == "bodhi tagged moss-1-2 and fern-1-2 into f44-updates"

    def test_comments_on_one_update(self) -> None:
        comments = [{"agent": who, "comment": {
            "text": "Fine.", "karma": 1, "update": {"title": "moss-2.4-1.fc44"}}}
            for who in ("tom", "ann", "sam", "mary")]
        assert said("bodhi.update.comment", *comments) == (
            "tom and 3 other people commented on moss-2.4-1.fc44 and gave it +1 karma")

    def test_updates_in_the_stable_repository(self) -> None:
        updates = [{"update": {"title": f"{name}-1-1.fc44", "user": {"name": "mary"}}} for name in "abcd"]
        assert said("bodhi.update.complete.stable", *updates) == (
            "Bodhi pushed a-1-1.fc44 and 3 other updates to stable")

    def test_permissions(self) -> None:
        changes = [{"agent": "mary", "acl": acl, "package_name": "moss", "username": "sam"}
                   for acl in ("commit", "watchbugzilla", "watchcommits", "approveacls")]
        assert said("pkgdb.acl.update", *changes) == "mary changed permissions for rpms/moss, 4 times"

    def test_a_build_for_several_systems(self) -> None:
        ends = [{"user": "mary", "owner": "@forest", "copr": "garden", "pkg": "moss", "chroot": chroot,
                 "status": 1} for chroot in ("fedora-44-x86_64", "epel-10-x86_64")]
        assert said("copr.build.end", *ends) == "mary's builds of moss in @forest/garden succeeded, 2 times"

    def test_merged_and_closed_pull_requests(self) -> None:
        one, other = ({"agent": "mary", "merged": merged, "pullrequest": {
            "id": 1, "title": "Water", "project": {"name": "moss"}}} for merged in (True, False))
        assert said("pagure.pull-request.closed", one, one) == (
            'mary merged the pull request moss#1 "Water", 2 times')
        assert told("pagure.pull-request.closed", one).group_key != told(
            "pagure.pull-request.closed", other).group_key

    def test_orphaned_packages(self) -> None:
        gifts = [{"agent": "mary", "username": "orphan", "package_name": name} for name in ("moss", "fern")]
        assert said("pkgdb.owner.update", *gifts) == "mary orphaned rpms/moss and rpms/fern"

    def test_bugs_that_are_closed_with_their_release(self) -> None:
        changes = [{"field": "status", "added": "CLOSED"}, {"field": "resolution", "added": "EOL"}]
        bugs = [{"bug": {"id": n}, "event": {
            "action": "modify", "user": {"real_name": "Ann"}, "changes": changes}} for n in range(1, 42)]
        assert said("bugzilla.bug.update", *bugs) == (
            "Ann changed the status to CLOSED and the resolution to EOL in the bug #1 and 40 other bugs")

    def test_test_results(self) -> None:
        results = [{"artifact": {"nvr": "moss-2.4-1.fc44"}, "test": {
            "namespace": "ci", "type": kind, "category": "static", "result": "failed"}} for kind in "ab"]
        assert said("ci.koji-build.test.complete", *results) == (
            "Test results for moss-2.4-1.fc44: failed (ci.a.static and ci.b.static)")
        jobs = [{"id": n, "TEST": "base", "BUILD": "F44", "result": "passed"} for n in range(9)]
        assert said("openqa.job.done", *jobs) == "Jobs for F44 passed: 0 (base) and 8 other jobs"
        tasks = [{"task": {"name": "dist.rpmlint", "item": f"{name}-1-1"}, "result": {"outcome": "FAILED"}}
                 for name in "abcd"]
        assert said("taskotron.result.new", *tasks) == (
            "Results of dist.rpmlint for a-1-1 and 3 other items: failed")

    def test_new_versions(self) -> None:
        found = [{"project": {"name": name}, "message": {"upstream_version": "2"}}
                 for name in ("moss", "fern")]
        assert said("anitya.project.version.update", *found) == (
            "Anitya found new versions of the project moss and the project fern")


def told(title: str, body: object) -> GroupSummaryPart:
    """What a message brings to a sentence."""
    return described(title, body).group_summary_part


def said(title: str, *bodies: object) -> str:
    """What is said of several messages at once, which have to be of one kind."""
    parts = [told(title, body) for body in bodies]
    assert len({part.group_key for part in parts}) == 1
    return group_summary(parts, described(title, bodies[0]).summary)
