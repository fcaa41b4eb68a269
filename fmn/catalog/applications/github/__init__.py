"""GitHub, as far as repositories' owners asked it to tell us what happens there."""

from __future__ import annotations

from fmn.catalog.applications.github import code, repositories, talk
from fmn.catalog.applications.github.base import GitHub
from fmn.catalog.events import Application

APPLICATION = Application(
    category="github",
    title="GitHub",
    help="Repositories at GitHub: commits, issues, pull requests.",
    catchall="github_catchall",
    icon="https://apps.fedoraproject.org/img/icons/github.png",
    other=GitHub,
    events=(*code.EVENTS, *talk.EVENTS, *repositories.EVENTS),
)
