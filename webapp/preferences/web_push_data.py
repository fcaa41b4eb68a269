"""Data for the script that enables a browser: the key, the service worker, sentences in its language."""

from __future__ import annotations

import json
from collections.abc import Mapping

from markupsafe import Markup

from fmn.delivery.webpush.vapid import current_key
from fmn.people.browser_sessions import browser_name
from fmn.translations import gettext as _
from webapp.request import Request


def push_data(request: Request) -> Markup:
    """Attributes of the element that a script finds them in, with a space before them."""
    return Markup(' data-web-push data-key="{}" data-worker="{}" data-browser="{}" data-words="{}"').format(
        current_key(request.services.settings).public, request.route_path("service_worker"),
        browser_name(request.user_agent or ""), json.dumps(_script_words()))


def _script_words() -> Mapping[str, str]:
    """Sentences of ``static/web-push.js`` and ``static/welcome.js``, by what they're about."""
    return {
        "asking": _("Waiting for your permission…"),
        "enabling": _("Enabling…"),
        "failed": _("This browser couldn’t subscribe at its push service: {reason}"),
        "blocked": _(
            "You blocked notifications from FMN in this browser. Allow them in its settings for this site, "
            "then reload the page."),
        "works": _("This browser shows your notifications."),
        "waiting": _("This browser is nearly ready: it enters the code as soon as it arrives."),
        "apple": _(
            "Add FMN to your home screen first (Share, then “Add to Home Screen”), and open this page "
            "there."),
        "unable": _(
            "This browser can’t show notifications of websites. They also need a page that begins with "
            "https://."),
    }
