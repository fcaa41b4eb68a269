"""GitHub, as far as repositories' owners asked it to tell us what happens there."""

from __future__ import annotations

from fmn.catalog.applications.github import automation, code, issues, pull_requests, repositories
from fmn.catalog.applications.github.base import GitHub
from fmn.catalog.events import Application

APPLICATION = Application(
    category="github",
    title="GitHub",
    help="Repositories at GitHub: commits, issues, pull requests, workflows.",
    catchall="github_catchall",
    icon="https://apps.fedoraproject.org/img/icons/github.png",
    other=GitHub,
    events=(
        *code.EVENTS, *issues.EVENTS, *pull_requests.EVENTS, *automation.EVENTS, *repositories.EVENTS),
)
