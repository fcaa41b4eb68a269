"""GitLab, a forge: projects, issues, merge requests, pipelines."""

from __future__ import annotations

from fmn.catalog.applications.gitlab import code, issues, merge_requests, pipelines, projects
from fmn.catalog.applications.gitlab.base import GitLab
from fmn.catalog.events import Application

APPLICATION = Application(
    category="gitlab",
    title="GitLab",
    help="Projects at a GitLab: commits, issues, merge requests, pipelines.",
    catchall="gitlab_catchall",
    icon="https://apps.fedoraproject.org/img/icons/webhook-to-fedora-messaging.png",
    other=GitLab,
    events=(
        *code.EVENTS, *issues.EVENTS, *merge_requests.EVENTS, *pipelines.EVENTS, *projects.EVENTS,
    ),
)
