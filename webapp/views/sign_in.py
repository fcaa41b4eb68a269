"""Sign-in with the OpenID provider, or by account name in a trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import structlog
from pydantic import AfterValidator
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.administration.account_binding import (
    OtherProviderError,
    ProviderSubject,
    SignInIdentity,
    account_for_sign_in,
)
from fmn.ledger.onboarding import is_newcomer
from fmn.people.accounts import get_or_create_account
from fmn.people.models import User
from fmn.people.usernames import is_username
from fmn.translations import gettext
from webapp.auth.id_token_hint import set_id_token_hint
from webapp.auth.pending_sign_ins import redeem_attempt, remember_attempt
from webapp.auth.sessions import sign_in
from webapp.auth.trial_sign_in import is_trial_sign_in_allowed
from webapp.forms import Form, FormError, read_form
from webapp.oidc.errors import SignInError
from webapp.oidc.provider import Provider, ProviderProfile
from webapp.oidc.sign_in_attempt import SignInAttempt
from webapp.redirects import safe_redirect
from webapp.request import Request

log = structlog.get_logger()

Page = Mapping[str, object]


def _nick(text: str) -> str:
    if not is_username(text):
        raise ValueError(gettext("Enter at most 64 letters, digits or the characters _ . + -"))
    return text


class TrialSignInForm(Form):
    """Account name of a trial sign-in."""

    nick: Annotated[str, AfterValidator(_nick)]
    to: str = ""


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(
        ask, route_name="sign_in", request_method="GET", renderer="sign_in.mako",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        trial_sign_in, route_name="sign_in", request_method="POST", renderer="sign_in.mako",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        begin, route_name="sign_in_begin", request_method="GET", renderer="sign_in_failed.mako",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        finish, route_name="sign_in_callback", request_method="GET", renderer="sign_in_failed.mako",
        permission=NO_PERMISSION_REQUIRED)


def ask(request: Request) -> Page:
    """Sign-in page."""
    return _asked(request, request.GET.get("to", ""))


def trial_sign_in(request: Request) -> Page | Response:
    """Trial sign-in with any account name."""
    if not is_trial_sign_in_allowed(request):
        raise HTTPNotFound
    try:
        form = read_form(TrialSignInForm, request.POST)
    except FormError as error:
        request.response.status = 422
        return {**_asked(request, request.POST.get("to", "")), "nick": request.POST.get("nick", ""),
                "problems": error.by_field}
    user = get_or_create_account(request.db, form.nick, request.contexts)
    sign_in(request, user, trial=True)
    return HTTPSeeOther(redirect_after_sign_in(request, user, form.to))


def begin(request: Request) -> Page | Response:
    """Redirect to the provider."""
    attempt = SignInAttempt.new(safe_redirect(request.GET.get("to", "")) or "")
    try:
        where = _provider(request).authorization_url(attempt)
    except SignInError as error:
        return _failed(request, error, attempt.to)
    remember_attempt(request, attempt)
    return HTTPSeeOther(where)


def finish(request: Request) -> Page | Response:
    """Callback from the provider."""
    provider, to = _provider(request), ""
    try:
        attempt = redeem_attempt(request, request.GET.get("state", ""))
        to = attempt.to
        # Before the database is asked for anything: a transaction isn't to wait for the provider.
        profile = provider.complete_sign_in(attempt, request.GET, request.now.timestamp())
    except SignInError as error:
        return _failed(request, error, to)
    try:
        user = _account(request, profile)
    except OtherProviderError as error:
        return _failed(request, SignInError(str(error), f"fmn access unbind {profile.nick}"), to)
    sign_in(request, user)
    log.info("signed in", nick=user.nick)
    response = HTTPSeeOther(redirect_after_sign_in(request, user, to))
    set_id_token_hint(request, response, profile.id_token)
    return response


def redirect_after_sign_in(request: Request, user: User, wanted: str) -> str:
    """Redirect after sign-in: to the wanted page, for newcomers to the welcome page, or home."""
    home = request.route_path("home")
    place = safe_redirect(wanted) or home
    return request.route_path("welcome") if place == home and is_newcomer(request.db, user) else place


def _account(request: Request, profile: ProviderProfile) -> User:
    confirmed = request.services.settings.oidc.confirmed_email and profile.email_verified
    who = ProviderSubject(profile.issuer, profile.subject)
    said = SignInIdentity(who, profile.nick, profile.email, confirmed)
    return account_for_sign_in(request.db, said, request.contexts, request.now)


def _asked(request: Request, to: str) -> Page:
    return {"to": safe_redirect(to) or "", "nick": "", "problems": {}, "provider": request.provider,
            "anyone": is_trial_sign_in_allowed(request), "elsewhere": request.registry.trial}


def _provider(request: Request) -> Provider:
    if request.provider is None:
        raise HTTPSeeOther(request.route_path("sign_in"))  # which says why nobody can sign in
    return request.provider


def _failed(request: Request, error: SignInError, to: str) -> Page:
    # By name only: there are no secrets in an error, but there may be in what it came from.
    log.warning("sign-in failed", kind=type(error).__name__, reason=str(error), detail=error.detail)
    request.response.status = error.status
    return {"sentence": str(error), "to": to}
