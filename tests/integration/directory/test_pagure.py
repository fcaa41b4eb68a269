"""Ownership from a server that speaks as Pagure's dist-git does."""

from __future__ import annotations

import pytest

from fmn.catalog import Package
from fmn.directory import DirectoryPart, DirectoryUnavailableError, Relation
from fmn.directory.merging import merge
from fmn.directory.pagure import PagureSource
from tests.integration.directory.web_server import Answer, WebServer, page

COMMITTERS = "/extras/pagure_owner_alias.json"
WATCHERS = "/extras/pagure_bz.json"
PHP = Package("rpms", "php")


def fetch(web: WebServer, *, watchers: bool = True, members: bool = False) -> DirectoryPart:
    return PagureSource(web.url, 10, watchers=watchers, members=members).fetch()


def refusal(web: WebServer) -> str:
    with pytest.raises(DirectoryUnavailableError) as error:
        fetch(web)
    return str(error.value).replace(web.url, "WEB")


@pytest.fixture(autouse=True)
def _dist_git(web: WebServer, impatient: None) -> None:
    """Alice and Bob maintain php with the KDE group; Bob unwatched it, Carol only watches."""
    web.pages[COMMITTERS] = page({
        "rpms": {"php": ["alice", "bob", "@kde"], "ruby": ["alice"]}, "modules": {"php": ["bob"]}})
    web.pages[WATCHERS] = page({
        "rpms": {"php": ["alice", "@kde", "carol"], "ruby": ["alice"]}, "modules": {"php": ["bob"]}})
    web.pages["/api/0/group/kde"] = page({
        "creator": {"name": "dave", "fullname": "Dave"}, "members": ["dave", "erin"], "name": "kde",
        "display_name": "KDE", "group_type": "user", "description": "", "date_created": "1492011511"})


def test_commit_and_watch_are_two_things(web: WebServer) -> None:
    directory = merge([fetch(web)])

    assert directory.committers["rpms"]["php"] == ("@kde", "alice", "bob")
    assert directory.watchers["rpms"]["php"] == ("@kde", "alice", "carol")


def test_the_same_name_in_two_namespaces_is_two_packages(web: WebServer) -> None:
    directory = merge([fetch(web)])

    assert directory.owners(Package("modules", "php"), Relation.ANY) == {"bob"}


def test_everything_takes_two_requests(web: WebServer) -> None:
    fetch(web)

    assert web.paths == [COMMITTERS, WATCHERS]


def test_members_of_owning_groups_are_asked_for_if_nobody_else_knows(web: WebServer) -> None:
    directory = merge([fetch(web, members=True)])

    assert directory.owners(PHP, Relation.COMMIT) == {"alice", "bob", "dave", "erin"}
    assert web.paths == [COMMITTERS, WATCHERS, "/api/0/group/kde"]


def test_a_group_that_is_gone_has_no_members(web: WebServer) -> None:
    del web.pages["/api/0/group/kde"]

    assert fetch(web, members=True).groups == {"kde": []}


def test_a_group_with_an_odd_name_is_asked_for_by_it(web: WebServer) -> None:
    web.pages[COMMITTERS] = page({"rpms": {"php": ["@../a b?"]}})
    web.pages["/api/0/group/..%2Fa%20b%3F"] = page({"members": ["dave"]})

    assert fetch(web, members=True).groups["../a b?"] == ["dave"]


def test_who_commits_watches_where_an_administrator_says_so(web: WebServer) -> None:
    del web.pages[WATCHERS]

    directory = merge([fetch(web, watchers=False)])

    assert directory.watchers == directory.committers


def test_missing_watchers_are_told_with_what_to_do(web: WebServer) -> None:
    del web.pages[WATCHERS]

    assert refusal(web) == (
        "WEB/extras/pagure_bz.json: answered 404 Not Found; "
        "if this Pagure doesn't list watchers, say fmn.directory.pagure_watchers = committers")


@pytest.mark.parametrize("path", [COMMITTERS, WATCHERS])
@pytest.mark.parametrize("nothing", [{}, {"rpms": {}}])
def test_an_empty_map_is_not_believed(web: WebServer, path: str, nothing: object) -> None:
    web.pages[path] = page(nothing)

    assert refusal(web) == f"WEB{path}: has no packages, which can't be true"


def test_a_server_that_fails_is_asked_again(web: WebServer) -> None:
    web.trouble(COMMITTERS, Answer(502), Answer(502))

    assert fetch(web).committers["rpms"]["ruby"] == ["alice"]


def test_a_server_that_stays_down_is_told(web: WebServer) -> None:
    web.pages[WATCHERS] = Answer(500)

    assert refusal(web) == (
        "WEB/extras/pagure_bz.json: answered 500 Internal Server Error, 3 times in a row")


def test_another_shape_is_told_with_some_examples(web: WebServer) -> None:
    web.pages[COMMITTERS] = page({"rpms": {f"package{number}": {"admin": "alice"} for number in range(9)}})

    assert refusal(web).splitlines() == [
        *(f'WEB{COMMITTERS}: /rpms/package{number} is {{"admin": "alice"}}, but should be a list of names'
          for number in range(3)),
        "and 6 more",
    ]
