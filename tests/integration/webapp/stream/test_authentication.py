"""Who may listen to a stream: by the web app's sessions and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from fmn.infra.clock import utc_now
from fmn.people.api_tokens import create_token
from fmn.people.browser_sessions import end_session
from fmn.people.models import ApiToken, User
from fmn.settings import SettingsError, WebSettings
from fmn.wiring import Services
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.stream.listeners import Owner
from webapp.api.problems import ApiError
from webapp.stream.authentication import StreamAuthenticator, StreamCredentials

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


#: The address of a browser on this machine.
HERE = "127.0.0.1"


@pytest.fixture
def authenticator(services: Services) -> StreamAuthenticator:
    return StreamAuthenticator(services, trial=True)


def cookie(services: Services, nick: str) -> dict[str, str]:
    """The header of a browser in which somebody signed in."""
    return {"host": "localhost", "cookie": f"theme=dark; fmn={signed_in(services, nick).cookies['fmn']}"}


def bearer(token: str) -> dict[str, str]:
    """The header of a program that shows a token."""
    return {"authorization": f"Bearer {token}"}


def refusal(authenticator: StreamAuthenticator, headers: dict[str, str], nick: str = "alice") -> ApiError:
    with pytest.raises(ApiError) as refused:
        authenticator.authenticate(headers, nick, HERE)
    return refused.value


def gone(authenticator: StreamAuthenticator, credentials: StreamCredentials) -> bool:
    return credentials in authenticator.expired([credentials], utc_now())


class TestComing:
    def test_with_a_session_or_a_token_one_gets_in(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        by_session = authenticator.authenticate(cookie(services, "alice"), "alice", HERE)
        by_token = authenticator.authenticate(bearer(alice.token), "alice")
        for credentials in (by_session, by_token):
            assert (credentials.user_id, credentials.preference_id) == (alice.user_id, alice.preference_id)
        assert by_session.token_id is None
        assert by_token.token_id is not None

    @pytest.mark.parametrize("headers", [
        {}, {"cookie": "fmn=forged"}, {"cookie": "fmn=é; ;;="}, {"authorization": "Bearer fmn_nonsense"},
        {"authorization": "Basic YWxpY2U6"}, {"authorization": "Bearer"}])
    def test_nobody_else_does(
        self, alice: Owner, authenticator: StreamAuthenticator, headers: dict[str, str],
    ) -> None:
        refused = refusal(authenticator, headers, alice.nick)
        assert refused.status == 401
        assert "Sign in at http://localhost/" in refused.detail
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="FMN"'

    def test_a_session_does_not_make_up_for_a_token_that_is_none(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        headers = {**cookie(services, alice.nick), "authorization": "Bearer fmn_revoked"}
        assert refusal(authenticator, headers).status == 401

    def test_a_token_has_to_be_for_reading(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        with services.database.transaction() as session:
            _, token = create_token(session, alice.user_id, "writes", ["write"], None)
        assert refusal(authenticator, bearer(token)).status == 403

    def test_somebody_else_s_stream_is_not_there(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        mallory = Owner.of(services, "mallory")
        for headers in (cookie(services, "mallory"), bearer(mallory.token)):
            theirs, nobodys = refusal(authenticator, headers, alice.nick), refusal(
                authenticator, headers, "nobody")
            assert (theirs.status, theirs.detail) == (nobodys.status, nobodys.detail)
            assert theirs.status == 404

    def test_where_there_was_no_live_feed_before_there_is_none(
        self, services: Services, authenticator: StreamAuthenticator,
    ) -> None:
        with services.database.transaction() as session:
            user = User(nick="old")
            session.add(user)
            session.flush()
            _, token = create_token(session, user.id, "reads", ["read"], None)
        assert refusal(authenticator, bearer(token), "old").status == 404

    def test_that_a_token_was_used_is_noted(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        authenticator.authenticate(bearer(alice.token), "alice")
        with services.database.reading() as session:
            assert session.query(ApiToken).one().last_used_at is not None

    def test_a_secure_site_s_cookie_has_another_name(self, services: Services, alice: Owner) -> None:
        web = WebSettings(**{**services.settings.web.model_dump(), "base_url": "https://localhost"})
        secure = Services(services.settings.model_copy(update={"web": web}))
        headers = cookie(services, alice.nick)
        assert refusal(StreamAuthenticator(secure, trial=True), headers).status == 401
        renamed = {"host": "localhost", "cookie": headers["cookie"].replace("fmn=", "__Host-fmn=")}
        assert StreamAuthenticator(secure, trial=True).authenticate(
            renamed, "alice", HERE).user_id == alice.user_id
        secure.database.close()


class TestStaying:
    def test_is_fine_while_nothing_changes(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        presented = {
            authenticator.authenticate(cookie(services, "alice"), "alice", HERE),
            authenticator.authenticate(bearer(alice.token), "alice")}
        assert authenticator.expired(presented, utc_now()) == frozenset()
        assert authenticator.expired([], utc_now()) == frozenset()

    def test_signing_out_everywhere_ends_sessions_and_no_token(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        by_session = authenticator.authenticate(cookie(services, "alice"), "alice", HERE)
        by_token = authenticator.authenticate(bearer(alice.token), "alice")
        with services.database.transaction() as session:
            session.execute(update(User).values(session_version=User.session_version + 1))
        assert gone(authenticator, by_session)
        assert not gone(authenticator, by_token)

    def test_a_token_that_is_revoked_or_expires_ends(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        with services.database.transaction() as session:
            until = utc_now() + timedelta(hours=1)
            _, token = create_token(session, alice.user_id, "for an hour", ["read"], until)
        by_token = authenticator.authenticate(bearer(alice.token), "alice")
        for_an_hour = authenticator.authenticate(bearer(token), "alice")
        assert authenticator.expired([by_token, for_an_hour], until) == {for_an_hour}
        with services.database.transaction() as session:
            session.execute(delete(ApiToken).where(ApiToken.id == by_token.token_id))
        assert authenticator.expired([by_token, for_an_hour], utc_now()) == {by_token}

    def test_a_session_that_is_ended_by_itself_ends_its_streams(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        one = authenticator.authenticate(cookie(services, "alice"), "alice", HERE)
        other = authenticator.authenticate(cookie(services, "alice"), "alice", HERE)
        assert one.session_id is not None
        with services.database.transaction() as session:
            assert end_session(session, alice.user_id, one.session_id)
        assert authenticator.expired({one, other}, utc_now()) == {one}

    def test_an_account_that_is_deleted_ends_all(
        self, services: Services, alice: Owner, authenticator: StreamAuthenticator,
    ) -> None:
        presented = {
            authenticator.authenticate(cookie(services, "alice"), "alice", HERE),
            authenticator.authenticate(bearer(alice.token), "alice")}
        with services.database.transaction() as session:
            session.execute(delete(User).where(User.id == alice.user_id))
        assert authenticator.expired(presented, utc_now()) == presented


def test_it_lets_in_nobody_where_anyone_could_sign_a_session(services: Services) -> None:
    web = services.settings.web.model_copy(update={"secret": "CHANGE-ME"})
    with pytest.raises(SettingsError, match=r"fmn\.web\.secret = 'CHANGE-ME' can't be used"):
        StreamAuthenticator(Services(services.settings.model_copy(update={"web": web})), trial=True)
