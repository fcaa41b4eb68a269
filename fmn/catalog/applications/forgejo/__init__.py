"""Forgejo and Gitea, forges: repositories, issues, pull requests, workflows."""

from __future__ import annotations

from fmn.catalog.applications.forgejo import actions, code, issues, pull_requests, repositories
from fmn.catalog.applications.forgejo.base import Forgejo
from fmn.catalog.events import Application

APPLICATION = Application(
    category="forgejo",
    title="Forgejo",
    help="Repositories at a Forgejo or Gitea: commits, issues, pull requests, workflows.",
    catchall="forgejo_catchall",
    icon="https://apps.fedoraproject.org/img/icons/webhook-to-fedora-messaging.png",
    other=Forgejo,
    events=(
        *code.EVENTS, *issues.EVENTS, *pull_requests.EVENTS, *actions.EVENTS, *repositories.EVENTS,
    ),
)
