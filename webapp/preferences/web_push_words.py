"""What the script that enables a browser says, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.translations import gettext as _


def script_words() -> Mapping[str, str]:
    """Sentences of ``static/web-push.js``, by what they're about."""
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
