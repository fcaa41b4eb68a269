"""Groups and accounts from a server that speaks as FASJSON does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from fmn.directory import DirectoryPart, DirectoryUnavailableError
from fmn.directory import fasjson as module
from fmn.directory.fasjson import FasjsonSource
from fmn.directory.merging import merge
from tests.integration.directory.web_server import Answer, Request, WebServer, page

USERS = "/v1/users/"
GROUPS = "/v1/groups/"
PACKAGERS = "/v1/groups/packager/members/"


def person(name: str, **values: Any) -> dict[str, Any]:
    """A person as FASJSON has them; fields that aren't given are empty as it says them."""
    return {
        "username": name, "surname": None, "givenname": "", "human_name": None, "emails": None,
        "ircnicks": None, "locale": "en-US", "timezone": "UTC", "gpgkeyids": None, "locked": False,
        "creation": "2020-04-23T10:16:35+00:00", "uri": f"http://fasjson/v1/users/{name}/", **values,
    }


def pages(records: Sequence[object]) -> Callable[[Request], Answer]:
    """Records in pages of the size that is asked for."""
    def answer(request: Request) -> Answer:
        size, number = int(request.query["page_size"]), int(request.query["page_number"])
        total = math.ceil(len(records) / size)
        about: dict[str, object] = {
            "total_results": len(records), "page_size": size, "page_number": number, "total_pages": total}
        if number < total:
            about["next_page"] = "http://wrong-host.invalid/"  # as behind a proxy that nobody told it of
        return page({"result": records[(number - 1) * size:number * size], "page": about})

    return answer


def fetch(web: WebServer, *, token: str = "", addresses: bool = True) -> DirectoryPart:
    return FasjsonSource(web.url, 10, token=token, addresses=addresses).fetch()


def refusal(web: WebServer) -> str:
    with pytest.raises(DirectoryUnavailableError) as error:
        fetch(web)
    return str(error.value).replace(web.url, "WEB")


@pytest.fixture(autouse=True)
def _accounts(web: WebServer, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE_SIZE", 2)
    web.pages[USERS] = pages([
        person("alice", emails=["Alice@Example.org", "al@home.example"], ircnicks=["irc:/Al"]),
        person("bob", emails=["bob@example.org"], ircnicks=["irc://irc.example.org/bobby", "matrix:/bob"]),
        person("carol"),
    ])
    web.pages[GROUPS] = pages([{"groupname": "packager"}, {"groupname": "kde"}, {"groupname": "none"}])
    web.pages[PACKAGERS] = pages([{"username": name} for name in ("alice", "bob", "carol", "dave", "erin")])
    web.pages["/v1/groups/kde/members/"] = pages([{"username": "carol"}])
    web.pages["/v1/groups/none/members/"] = pages([])


def test_all_pages_are_read(web: WebServer) -> None:
    directory = merge([fetch(web)])

    assert directory.groups == {
        "packager": {"alice", "bob", "carol", "dave", "erin"}, "kde": {"carol"}, "none": frozenset()}
    assert directory.groups_of("carol") == {"packager", "kde"}
    asked = [request.query["page_number"] for request in web.requests if request.path == PACKAGERS]
    assert asked == ["1", "2", "3"]


def test_a_server_without_pages_is_read_too(web: WebServer) -> None:
    web.pages[PACKAGERS] = page({"result": [{"username": "alice"}]})

    assert fetch(web).groups["packager"] == ["alice"]


def test_nicks_and_addresses_lead_to_accounts(web: WebServer) -> None:
    directory = merge([fetch(web)])

    assert directory.account("al") == "alice"
    assert directory.account("alice@example.org") == "alice"
    assert directory.account("al@home.example") == "alice"
    assert directory.account("bobby") == "bob"


def test_the_first_address_is_written_to(web: WebServer) -> None:
    directory = merge([fetch(web)])

    assert directory.address("alice") == "Alice@Example.org"
    assert directory.address("carol") is None


def test_a_domain_of_ours_is_written_to_instead(web: WebServer) -> None:
    directory = merge([fetch(web, addresses=False)], "example.net")

    assert directory.address("alice") == "alice@example.net"
    assert directory.account("alice@example.org") == "alice"


@pytest.mark.parametrize(("nick", "name"), [
    ("irc:/al", "al"),
    ("irc://irc.libera.chat/al", "al"),
    ("ircs://irc.libera.chat/al", "al"),
    ("al", "al"),
    ("@al", "al"),
    ("matrix:/al", None),
    ("matrix://matrix.org/al", None),
    ("irc:/", None),
    ("a b", None),
    ("", None),
    (7, None),
])
def test_irc_nicks_come_in_several_forms(web: WebServer, nick: object, name: str | None) -> None:
    web.pages[USERS] = pages([person("alice", ircnicks=[nick])])

    assert fetch(web).ircnicks == ({} if name is None else {"alice": (name,)})


def test_nobody_can_pass_for_somebody_else(web: WebServer) -> None:
    # Given Mallory, who says that her nicks are Alice's account and Bob's nick
    web.pages[USERS] = pages([
        person("alice", ircnicks=["irc:/alice"]),
        person("bob", ircnicks=["irc:/bobby"]),
        person("carol"),
        person("mallory", ircnicks=["irc:/Alice", "irc:/carol", "irc:/bobby", "irc:/mal"]),
    ])

    # When nicks are looked up
    directory = merge([fetch(web)])

    # Then she is found by none but her own
    assert directory.account("alice") == "alice"
    assert directory.account("carol") is None
    assert directory.account("bobby") is None
    assert directory.account("mal") == "mallory"


def test_a_locked_account_has_no_addresses(web: WebServer) -> None:
    web.pages[USERS] = pages([
        person("alice"), person("mallory", emails=["mallory@example.org"], ircnicks=["mal"], locked=True)])

    directory = merge([fetch(web)])

    assert directory.address("mallory") is None
    assert directory.account("mal") is None


def test_an_odd_entry_in_a_profile_is_its_owners_loss_alone(web: WebServer) -> None:
    web.pages[USERS] = pages([
        person("alice", emails=["alice@example.org"]), person("mallory", emails=["a\nb", ""], ircnicks="x")])

    directory = merge([fetch(web)])

    assert directory.addresses == {"alice": "alice@example.org"}


def test_the_token_is_shown_with_each_request(web: WebServer) -> None:
    fetch(web, token="secret")

    assert {request.headers["Authorization"] for request in web.requests} == {"Bearer secret"}


def test_pages_in_trouble_are_asked_for_again(web: WebServer) -> None:
    web.trouble(USERS, Answer(500), Answer(503))

    assert "bobby" in fetch(web).aliases


@pytest.mark.parametrize("path", [USERS, GROUPS])
def test_an_empty_account_system_is_not_believed(web: WebServer, path: str) -> None:
    web.pages[path] = pages([])

    assert refusal(web) == "WEB: has no people or no groups, which can't be true"


def test_a_group_that_vanishes_meanwhile_is_told(web: WebServer) -> None:
    del web.pages["/v1/groups/kde/members/"]

    assert refusal(web) == "WEB/v1/groups/kde/members/: answered 404 Not Found"


@pytest.mark.parametrize(("answer", "sentence"), [
    ({"result": {}}, "WEB/v1/users/ page 1: /result should be a list"),
    ([], "WEB/v1/users/ page 1: the document is [], but should be an object"),
    ({"result": [7]}, "WEB/v1/users/ page 1: /result/0 is 7, but should be an object"),
    ({"result": [{"name": "alice"}]},
     "WEB/v1/users/ page 1: /result/0/username is null, but should be a name"),
    ({"result": [], "page": {"total_pages": "9"}},
     "WEB/v1/users/ page 1: /page/total_pages should be a number"),
    ({"result": [], "page": {"total_pages": 10**9}},
     "WEB/v1/users/ page 1: /page/total_pages should be 1000 at most"),
])
def test_another_shape_is_told_with_its_place(web: WebServer, answer: object, sentence: str) -> None:
    web.pages[USERS] = page(answer)

    assert refusal(web).splitlines()[0] == sentence
