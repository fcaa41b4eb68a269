"""The secrets with which people verify what's sent to their addresses: nobody but their owner sees them."""

from __future__ import annotations

from fmn.channels import channel_types
from fmn.people.models import Preference
from webapp.request import Request


def signing_secret(request: Request, preference: Preference, address: str) -> str:
    """The secret of an address, ``""`` where what's sent isn't signed with one."""
    about = channel_types().get(preference.context)
    if about is None or about.secret is None:
        return ""
    return about.secret(request.services.settings, preference.id, address)
