"""Signing in with OpenID Connect: the authorization code flow with PKCE, state and nonce.

OpenID Connect Core 1.0 and Discovery 1.0, :rfc:`7636`; signing out there as well is RP-Initiated Logout 1.0.
"""

from __future__ import annotations

from pyramid.config import Configurator

from webapp.oidc.provider import Provider


def includeme(config: Configurator) -> None:
    """Have the provider that the settings name, if they name one, for all requests of the process."""
    settings = config.registry.services.settings
    back = f"{settings.web.base_url.rstrip('/')}/sign-in/callback"
    config.registry.provider = Provider(settings.oidc, back) if settings.oidc.issuer else None
