from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from itsdangerous import Signer

from fmn.delivery.signed_links import FeedTarget, LinkError, Links, UnsubscribeScope
from fmn.infra.public_ids import NONCE_BITS, PublicId

LINKS = Links("https://apps.example.org/fmn/", "a secret of the tests")

#: The same, after the secret was changed twice.
CHANGED = Links("https://apps.example.org/fmn/", "the third", ["the second", "a secret of the tests"])

#: Rows of now, and those of before there were nonces.
ROWS = st.builds(
    PublicId, st.integers(1, 2**63 - 1), st.none() | st.integers(0, 2**NONCE_BITS - 1))


def token(link: str) -> str:
    return link.rpartition("/")[2]


class TestAddresses:
    def test_start_where_the_web_app_answers(self) -> None:
        assert LINKS.inbox() == "https://apps.example.org/fmn/inbox"
        assert LINKS.preference("email") == "https://apps.example.org/fmn/preferences/email"
        assert LINKS.why(PublicId(5)).startswith("https://apps.example.org/fmn/why/5.")
        assert LINKS.unsubscribe(PublicId(3), None).startswith("https://apps.example.org/fmn/unsubscribe/3.")

    @given(ROWS, st.none() | ROWS)
    def test_need_no_escaping(self, preference: PublicId, filter_id: PublicId | None) -> None:
        link = LINKS.unsubscribe(preference, filter_id)
        assert re.fullmatch(r"https://[\w./-]+", link, re.ASCII)
        assert len(token(link)) <= 89

    def test_stay_the_same_for_the_same_thing(self) -> None:
        assert LINKS.why(PublicId(5)) == Links(
            "https://apps.example.org/fmn", "a secret of the tests").why(PublicId(5))


    def test_of_what_has_a_page_of_its_own_lead_there(self) -> None:
        assert LINKS.filters("irc") == "https://apps.example.org/fmn/preferences/irc/filters"
        assert LINKS.filter(7) == "https://apps.example.org/fmn/filters/7"
        assert LINKS.mutes() == "https://apps.example.org/fmn/mutes"
        assert LINKS.catalogue("odd/name") == "https://apps.example.org/fmn/catalogue/odd%2Fname"
        assert LINKS.help() == "https://apps.example.org/fmn/help"


@given(ROWS)
def test_tokens_are_those_that_the_library_makes(number: PublicId) -> None:
    for links, secret in ((LINKS, "a secret of the tests"), (CHANGED, "the third")):
        assert token(links.why(number)) == Signer(secret, salt="fmn.why").sign(str(number)).decode()


class TestCodes:
    @given(ROWS)
    def test_are_the_same_in_every_process_of_an_installation_alone(self, confirmation: PublicId) -> None:
        code = LINKS.code(confirmation)
        assert Links("https://elsewhere.example.org", "a secret of the tests").code(confirmation) == code
        assert Links("https://apps.example.org/fmn", "mallory's").code(confirmation) != code

    def test_are_others_for_other_confirmations(self) -> None:
        assert len({LINKS.code(PublicId(confirmation)) for confirmation in range(1000)}) == 1000

    def test_of_before_the_secret_changed_still_confirm(self) -> None:
        assert CHANGED.is_code(PublicId(5), LINKS.code(PublicId(5)))
        assert CHANGED.is_code(PublicId(5), CHANGED.code(PublicId(5)))
        assert LINKS.code(PublicId(5)) != CHANGED.code(PublicId(5))
        assert not CHANGED.is_code(PublicId(6), LINKS.code(PublicId(5)))
        assert not LINKS.is_code(PublicId(5), CHANGED.code(PublicId(5)))


class TestTokens:
    @given(ROWS, st.none() | ROWS)
    def test_tell_what_to_unsubscribe_from(self, preference: PublicId, filter_id: PublicId | None) -> None:
        told = LINKS.read_unsubscribe(token(LINKS.unsubscribe(preference, filter_id)))
        assert told == UnsubscribeScope(preference, filter_id)

    @given(ROWS)
    def test_tell_which_notification_to_explain(self, notification: PublicId) -> None:
        assert LINKS.read_why(token(LINKS.why(notification))) == notification

    @given(ROWS)
    def test_tell_which_confirmation_is_meant(self, confirmation: PublicId) -> None:
        assert LINKS.read_confirm(token(LINKS.confirm(confirmation))) == confirmation

    @given(ROWS, st.integers(0, 2**31 - 1))
    def test_tell_whose_feed_it_is(self, user: PublicId, version: int) -> None:
        assert LINKS.read_feed(token(LINKS.feed(user, version))) == FeedTarget(user, version)

    @given(ROWS)
    def test_tell_whose_link_a_short_one_stands_for(self, notification: PublicId) -> None:
        link = LINKS.go(notification)
        assert LINKS.read_go(token(link)) == notification
        assert len(token(link)) <= 58

    @given(ROWS)
    def test_tell_which_filters_are_shared(self, shared: PublicId) -> None:
        assert LINKS.read_shared(token(LINKS.shared(shared))) == shared

    def test_are_worth_nothing_on_another_page(self) -> None:
        for other in (
                LINKS.why(PublicId(3)), LINKS.unsubscribe(PublicId(3), None), LINKS.confirm(PublicId(3))):
            with pytest.raises(LinkError):
                LINKS.read_go(token(other))
        with pytest.raises(LinkError):
            LINKS.read_why(token(LINKS.go(PublicId(3))))
        with pytest.raises(LinkError):
            LINKS.read_feed(token(LINKS.unsubscribe(PublicId(3), PublicId(7))))
        with pytest.raises(LinkError):
            LINKS.read_confirm(token(LINKS.why(PublicId(3))))
        with pytest.raises(LinkError):
            LINKS.read_unsubscribe(token(LINKS.why(PublicId(3))))
        with pytest.raises(LinkError):
            LINKS.read_why(token(LINKS.unsubscribe(PublicId(3), None)))

    def test_of_before_the_secret_changed_still_lead_where_they_did(self) -> None:
        assert CHANGED.read_why(token(LINKS.why(PublicId(5)))) == PublicId(5)
        three, seven = PublicId(3), PublicId(7)
        assert CHANGED.read_unsubscribe(token(LINKS.unsubscribe(three, seven))) == UnsubscribeScope(
            three, seven)
        assert CHANGED.read_confirm(token(LINKS.confirm(PublicId(5)))) == PublicId(5)
        assert CHANGED.read_feed(token(LINKS.feed(PublicId(5), 1))) == FeedTarget(PublicId(5), 1)
        assert CHANGED.read_go(token(LINKS.go(PublicId(5)))) == PublicId(5)
        # New ones are signed with the new secret alone
        with pytest.raises(LinkError):
            LINKS.read_unsubscribe(token(CHANGED.unsubscribe(PublicId(3), PublicId(7))))

    def test_of_another_installation_are_refused(self) -> None:
        # Given Mallory, who runs FMN as well, with a secret of her own
        mallorys = Links("https://apps.example.org/fmn", "mallory's")
        # Then her links don't unsubscribe Alice
        with pytest.raises(LinkError, match="isn't complete: copy all of it"):
            LINKS.read_unsubscribe(token(mallorys.unsubscribe(PublicId(3), None)))

    @given(ROWS, ROWS)
    def test_of_one_row_are_not_those_of_another(self, one: PublicId, other: PublicId) -> None:
        # Given another row, of another number or of the same one after a failover
        assume(one != other)
        # Then no link, code or feed of the one is the other's
        assert LINKS.read_why(token(LINKS.why(one))) != other
        assert LINKS.read_unsubscribe(token(LINKS.unsubscribe(one, other))).preference != other
        assert LINKS.read_feed(token(LINKS.feed(one, 1))).user != other
        assert not LINKS.is_code(other, LINKS.code(one))

    def test_of_before_there_were_nonces_are_still_the_same(self) -> None:
        # Given links in mails that an earlier version sent
        sent = Signer("a secret of the tests", salt="fmn.unsubscribe").sign("3-7").decode()
        # Then rows that are older than nonces are meant by them, and have the same links today
        assert LINKS.read_unsubscribe(sent) == UnsubscribeScope(PublicId(3), PublicId(7))
        assert token(LINKS.unsubscribe(PublicId(3), PublicId(7))) == sent

    def test_can_not_be_turned_against_somebody_else(self) -> None:
        own = token(LINKS.unsubscribe(PublicId(3), PublicId(7)))
        with pytest.raises(LinkError):
            LINKS.read_unsubscribe(own.replace("3-7", "4-7", 1))

    @given(st.text())
    def test_that_are_anything_else_are_refused(self, text: str) -> None:
        for read in (
            LINKS.read_why, LINKS.read_unsubscribe, LINKS.read_confirm, LINKS.read_feed, LINKS.read_go,
            LINKS.read_shared,
        ):
            with pytest.raises(LinkError):
                read(text)

    @given(st.integers(0, 60))
    def test_that_lost_their_end_are_refused(self, length: int) -> None:
        whole = token(LINKS.unsubscribe(PublicId(3), PublicId(7)))
        with pytest.raises(LinkError):
            LINKS.read_unsubscribe(whole[: min(length, len(whole) - 1)])


def test_an_empty_secret_is_refused_by_the_setting_it_comes_from() -> None:
    with pytest.raises(ValueError, match=r"fmn\.web\.secret is empty"):
        Links("https://apps.example.org", "")


def test_a_link_leads_to_the_host_of_the_web_app() -> None:
    assert urlsplit(LINKS.why(PublicId(1))).netloc == "apps.example.org"
