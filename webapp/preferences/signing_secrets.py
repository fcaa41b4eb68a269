"""Signing secrets of addresses, shown to their owners only."""

from __future__ import annotations

from fmn.channels import channel_types
from fmn.people.models import Preference
from webapp.request import Request


def signing_secret(request: Request, preference: Preference, address: str) -> str:
    """The signing secret of an address; ``""`` if its channel doesn't sign."""
    about = channel_types().get(preference.context)
    if about is None or about.secret is None:
        return ""
    return about.secret(request.services.settings, preference.id, address)
