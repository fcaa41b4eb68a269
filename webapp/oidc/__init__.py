"""OpenID Connect sign-in: authorization code flow with PKCE, state and nonce.

OpenID Connect Core 1.0 and Discovery 1.0, :rfc:`7636`; sign-out at the provider is RP-Initiated Logout 1.0.
"""

from __future__ import annotations

from pyramid.config import Configurator

from fmn.settings import Settings
from webapp.oidc.provider import Provider


def includeme(config: Configurator) -> None:
    """Create the process's OpenID provider client, if the settings configure one."""
    config.registry.provider = provider_from(config.registry.services.settings)


def provider_from(settings: Settings) -> Provider | None:
    """OpenID provider client of a process with these settings, if they configure one."""
    back = f"{settings.web.base_url.rstrip('/')}/sign-in/callback"
    return Provider(settings.oidc, back) if settings.oidc.issuer else None
