"""Who may listen to a stream: by the web app's sessions and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from fmn.infra.clock import utc_now
from fmn.people.api_tokens import create_token
from fmn.people.browser_sessions import end
from fmn.people.models import ApiToken, User
from fmn.settings import SettingsError, WebSettings
from fmn.wiring import Services
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.stream.listeners import Owner
from webapp.api.problems import ApiError
from webapp.stream.authentication import Door, Visitor

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


#: The address of a browser on this machine.
HERE = "127.0.0.1"


@pytest.fixture
def door(services: Services) -> Door:
    return Door(services, trial=True)


def cookie(services: Services, nick: str) -> dict[str, str]:
    """The header of a browser in which somebody signed in."""
    return {"host": "localhost", "cookie": f"theme=dark; fmn={signed_in(services, nick).cookies['fmn']}"}


def bearer(token: str) -> dict[str, str]:
    """The header of a program that shows a token."""
    return {"authorization": f"Bearer {token}"}


def refusal(door: Door, headers: dict[str, str], nick: str = "alice") -> ApiError:
    with pytest.raises(ApiError) as refused:
        door.admit(headers, nick, HERE)
    return refused.value


def gone(door: Door, visitor: Visitor) -> bool:
    return visitor in door.gone([visitor], utc_now())


class TestComing:
    def test_with_a_session_or_a_token_one_gets_in(
        self, services: Services, alice: Owner, door: Door,
    ) -> None:
        by_session = door.admit(cookie(services, "alice"), "alice", HERE)
        by_token = door.admit(bearer(alice.token), "alice")
        for visitor in (by_session, by_token):
            assert (visitor.user_id, visitor.preference_id) == (alice.user_id, alice.preference_id)
        assert by_session.token_id is None
        assert by_token.token_id is not None

    @pytest.mark.parametrize("headers", [
        {}, {"cookie": "fmn=forged"}, {"cookie": "fmn=é; ;;="}, {"authorization": "Bearer fmn_nonsense"},
        {"authorization": "Basic YWxpY2U6"}, {"authorization": "Bearer"}])
    def test_nobody_else_does(self, alice: Owner, door: Door, headers: dict[str, str]) -> None:
        refused = refusal(door, headers, alice.nick)
        assert refused.status == 401
        assert "Sign in at http://localhost/" in refused.detail
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="FMN"'

    def test_a_session_does_not_make_up_for_a_token_that_is_none(
        self, services: Services, alice: Owner, door: Door,
    ) -> None:
        headers = {**cookie(services, alice.nick), "authorization": "Bearer fmn_revoked"}
        assert refusal(door, headers).status == 401

    def test_a_token_has_to_be_for_reading(self, services: Services, alice: Owner, door: Door) -> None:
        with services.database.transaction() as session:
            _, token = create_token(session, alice.user_id, "writes", ["write"], None)
        assert refusal(door, bearer(token)).status == 403

    def test_somebody_else_s_stream_is_not_there(self, services: Services, alice: Owner, door: Door) -> None:
        mallory = Owner.of(services, "mallory")
        for headers in (cookie(services, "mallory"), bearer(mallory.token)):
            theirs, nobodys = refusal(door, headers, alice.nick), refusal(door, headers, "nobody")
            assert (theirs.status, theirs.detail) == (nobodys.status, nobodys.detail)
            assert theirs.status == 404

    def test_where_there_was_no_live_feed_before_there_is_none(self, services: Services, door: Door) -> None:
        with services.database.transaction() as session:
            user = User(nick="old")
            session.add(user)
            session.flush()
            _, token = create_token(session, user.id, "reads", ["read"], None)
        assert refusal(door, bearer(token), "old").status == 404

    def test_that_a_token_was_used_is_noted(self, services: Services, alice: Owner, door: Door) -> None:
        door.admit(bearer(alice.token), "alice")
        with services.database.reading() as session:
            assert session.query(ApiToken).one().last_used_at is not None

    def test_a_secure_site_s_cookie_has_another_name(self, services: Services, alice: Owner) -> None:
        web = WebSettings(**{**services.settings.web.model_dump(), "base_url": "https://localhost"})
        secure = Services(services.settings.model_copy(update={"web": web}))
        headers = cookie(services, alice.nick)
        assert refusal(Door(secure, trial=True), headers).status == 401
        renamed = {"host": "localhost", "cookie": headers["cookie"].replace("fmn=", "__Host-fmn=")}
        assert Door(secure, trial=True).admit(renamed, "alice", HERE).user_id == alice.user_id
        secure.database.close()


class TestStaying:
    def test_is_fine_while_nothing_changes(self, services: Services, alice: Owner, door: Door) -> None:
        visitors = {
            door.admit(cookie(services, "alice"), "alice", HERE), door.admit(bearer(alice.token), "alice")}
        assert door.gone(visitors, utc_now()) == frozenset()
        assert door.gone([], utc_now()) == frozenset()

    def test_signing_out_everywhere_ends_sessions_and_no_token(
        self, services: Services, alice: Owner, door: Door,
    ) -> None:
        by_session = door.admit(cookie(services, "alice"), "alice", HERE)
        by_token = door.admit(bearer(alice.token), "alice")
        with services.database.transaction() as session:
            session.execute(update(User).values(session_version=User.session_version + 1))
        assert gone(door, by_session)
        assert not gone(door, by_token)

    def test_a_token_that_is_revoked_or_expires_ends(
        self, services: Services, alice: Owner, door: Door,
    ) -> None:
        with services.database.transaction() as session:
            until = utc_now() + timedelta(hours=1)
            _, token = create_token(session, alice.user_id, "for an hour", ["read"], until)
        by_token = door.admit(bearer(alice.token), "alice")
        for_an_hour = door.admit(bearer(token), "alice")
        assert door.gone([by_token, for_an_hour], until) == {for_an_hour}
        with services.database.transaction() as session:
            session.execute(delete(ApiToken).where(ApiToken.id == by_token.token_id))
        assert door.gone([by_token, for_an_hour], utc_now()) == {by_token}

    def test_a_session_that_is_ended_by_itself_ends_its_streams(
        self, services: Services, alice: Owner, door: Door,
    ) -> None:
        one = door.admit(cookie(services, "alice"), "alice", HERE)
        other = door.admit(cookie(services, "alice"), "alice", HERE)
        assert one.session_id is not None
        with services.database.transaction() as session:
            assert end(session, alice.user_id, one.session_id)
        assert door.gone({one, other}, utc_now()) == {one}

    def test_an_account_that_is_deleted_ends_all(self, services: Services, alice: Owner, door: Door) -> None:
        visitors = {
            door.admit(cookie(services, "alice"), "alice", HERE), door.admit(bearer(alice.token), "alice")}
        with services.database.transaction() as session:
            session.execute(delete(User).where(User.id == alice.user_id))
        assert door.gone(visitors, utc_now()) == visitors


def test_it_lets_in_nobody_where_anyone_could_sign_a_session(services: Services) -> None:
    web = services.settings.web.model_copy(update={"secret": "CHANGE-ME"})
    with pytest.raises(SettingsError, match=r"fmn\.web\.secret = 'CHANGE-ME' can't be used"):
        Door(Services(services.settings.model_copy(update={"web": web})), trial=True)
