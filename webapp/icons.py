"""Names of the icons in ``webapp/static/icons.svg`` that things are shown with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from fmn.catalog.events import Severity
from fmn.channels import channel_type
from fmn.settings.installed_channels import channel_names
from fmn.translations import mark

#: Of applications, by category. Where there's no brand it is what the application does.
APPLICATIONS: Final[Mapping[str, str]] = {
    "anitya": "radio",
    "ansible": "brand-ansible",
    "askbot": "circle-question-mark",
    "badges": "award",
    "bodhi": "rocket",
    "bugzilla": "bug",
    "buildsys": "hammer",
    "ci": "flask-conical",
    "compose": "disc-3",
    "copr": "boxes",
    "datanommer": "database",
    "discourse": "brand-discourse",
    "faf": "bug",
    "fas": "users",
    "fedbadges": "award",
    "fedimg": "cloud",
    "fedocal": "calendar",
    "fedora_elections": "vote",
    "fedora_image_uploader": "cloud",
    "fmn": "bell",
    "forgejo": "brand-forgejo",
    "git": "git-branch",
    "github": "brand-github",
    "gitlab": "brand-gitlab",
    "greenwave": "scale",
    "hotness": "radio",
    "infragit": "git-branch",
    "ipa": "users",
    "irc": "star",
    "jenkins": "brand-jenkins",
    "kerneltest": "flask-conical",
    "koschei": "refresh-cw",
    "logger": "terminal",
    "mailman": "mail",
    "maubot": "message-circle",
    "mbs": "layers",
    "meetbot": "messages-square",
    "mirrormanager": "hard-drive",
    "nagios": "activity",
    "nuancier": "image",
    "odcs": "disc-3",
    "openqa": "flask-conical",
    "pagure": "git-branch",
    "pkgdb": "package",
    "planet": "rss",
    "pungi": "disc-3",
    "releng": "disc-3",
    "taskotron": "flask-conical",
    "waiverdb": "scale",
    "wiki": "file-text",
    "zanata": "languages",
}
#: Of applications that have none of their own, such as those in files of event types.
ANY_APPLICATION: Final = "package"
SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.DEBUG: "circle",
    Severity.INFO: "circle-dot",
    Severity.WARNING: "triangle-alert",
    Severity.ERROR: "circle-x",
}
#: What severities are called.
SEVERITY_WORDS: Final[Mapping[Severity, str]] = {
    Severity.DEBUG: mark("debug"),
    Severity.INFO: mark("info"),
    Severity.WARNING: mark("warning"),
    Severity.ERROR: mark("error"),
}
#: Of states, by the kind that templates give ``parts.state``.
STATES: Final[Mapping[str, str]] = {
    "good": "circle-check",
    "bad": "circle-x",
    "warn": "triangle-alert",
    "waiting": "clock",
    "done-with": "check-check",
    "muted": "bell-off",
}


#: Icons that are kept as markup: those of all pages in a few languages.
MAX_KEPT: Final = 2_000


@lru_cache(MAX_KEPT)
def icon_markup(sprite: str, name: str, title: str = "", kind: str = "icon") -> Markup:
    """An icon of the sprite at an address: a decoration, unless it has a ``title``.

    A page of the inbox has 280 of them, and escaping their parts takes longer than all else about them.
    """
    said = Markup(' role="img" aria-label="{}"><title>{}</title>').format(title, title) if title else Markup(
        ' aria-hidden="true">')
    return Markup('<svg class="{}"{}<use href="{}#{}"/></svg>').format(kind, said, sprite, name)


def application_icon(category: str) -> str:
    """Icon of an application: ``hammer`` for ``buildsys``."""
    return APPLICATIONS.get(category, ANY_APPLICATION)


def channel_icon(context: str) -> str:
    """Icon of a context's channel: ``mail`` for ``email``."""
    return channel_type(context).icon if context in channel_names() else "bell"
