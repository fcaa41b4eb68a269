"""Pages, feeds and answers to programs: what a malicious publisher, proxy or browser brings into them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from webtest import TestApp, TestResponse

from fmn.filters.models import Filter
from fmn.people.models import Preference
from tests.factories.public_ids import public_id
from tests.integration.webapp.access_matrix import ROWS, AccessCase, Outcome, Requester, outcome
from tests.integration.webapp.site import Site, make_site
from tests.integration.webapp.world import World
from tests.security.poisoned_messages import POISONS
from webapp.auth.security import HEADERS

EVIL: Final = "evil.example.net"
GETS: Final = [row for row in ROWS if row.method == "GET"]
#: What keeps an answer out of caches that others share, or has them ask each time.
OWN: Final = frozenset({"no-store", "private", "no-cache"})


class Readers:
    """Alice's world, and whoever may read something of it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._browsers: dict[Requester, TestApp] = {}

    def read(self, row: AccessCase, **headers: str) -> TestResponse:
        who = next(who for who in (Requester.ALICE, Requester.ROOT, Requester.ALICE_READS)
                   if outcome(row.policy, who, row.method) is Outcome.LET_IN)
        if who not in self._browsers:
            self._browsers[who] = self.site.browser(who)
        return self._browsers[who].get(row.path(self.site.own), headers=headers, expect_errors=True)


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    for site in make_site(tmp_path_factory.mktemp("pages")):
        yield Readers(site)


@pytest.mark.parametrize("row", GETS, ids=lambda row: row.route)
def test_whatever_host_a_request_names_no_page_links_there_and_nobody_on_the_way_keeps_it(
    readers: Readers, row: AccessCase,
) -> None:
    answer = readers.read(row, **{
        "Host": EVIL, "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}", "X-Original-Url": f"//{EVIL}/"})

    assert EVIL not in answer.text
    assert HEADERS.items() <= dict(answer.headers).items()
    # What is the same for everybody may be kept.
    kept = set(re.findall(r"[\w-]+", answer.headers["Cache-Control"]))
    assert row.route in {"security_txt", "manifest"} or OWN & kept


def test_what_is_on_the_bus_is_markup_nowhere(readers: Readers) -> None:
    # Given comments on Alice's package that would run as scripts, and end documents and strings
    own = readers.site.own
    services = readers.site.services
    preference, chosen = int(str(own.ids["preference"])), int(str(own.ids["filter"]))
    world = World(
        services, preference, chosen, public_id(services.database, Preference, preference),
        public_id(services.database, Filter, chosen))
    for poison in POISONS:
        world.receive_comment(text=poison, author=f"tom{poison}")
    shown = 0
    for row in GETS:
        # When everything is read
        answer = readers.read(row)
        # Then it's shown, and no more than that
        shown += "tom&lt;script&gt;" in answer.text
        if answer.content_type == "text/html":
            assert "<img src=x" not in answer.text
            assert "<script>" not in answer.text
        elif answer.content_type.endswith("xml"):
            feed = ET.fromstring(answer.body)  # noqa: S314  our own
            assert {element.tag.rpartition("}")[2] for element in feed.iter()} <= ATOM
        elif answer.content_type.endswith("json"):
            assert answer.json is not None
    assert shown >= 2, "the pages that show it are tried"


#: What a feed consists of.
ATOM: Final = frozenset({
    "feed", "id", "title", "updated", "author", "name", "link", "entry", "published", "category", "content"})
