"""What Forgejo's and Gitea's messages have in common: a repository, and somebody who did something there."""

from __future__ import annotations

from typing import Any

from fmn.catalog.forges import ForgeActionEvent, Repository, login, payload, repository_in
from fmn.catalog.message_reader import MessageReader

FORGE = "https://forge.fedoraproject.org"


class Forgejo(ForgeActionEvent):
    """Anything from a Forgejo or Gitea."""

    def sender(self, m: MessageReader) -> str:
        sent = payload(m)
        return login(sent, "sender") or login(sent, "pusher") or login(sent, "run", "trigger_user")

    def repository(self, m: MessageReader) -> Repository:
        sent = payload(m)
        # Runs of workflows have it inside.
        return repository_in(
            sent.at("repository") if sent.keys("repository") else sent.at("run", "repository"))


#: Made up for examples.
MARY: dict[str, Any] = {"id": 47, "login": "mary", "username": "mary", "full_name": "Mary Made-up"}
SAM: dict[str, Any] = {"id": 48, "login": "sam", "username": "sam", "full_name": "Sam Sample"}
REPOSITORY: dict[str, Any] = {
    "id": 815, "name": "moss", "full_name": "mossers/moss", "html_url": f"{FORGE}/mossers/moss",
    "owner": {"login": "mossers", "username": "mossers"}, "private": False, "fork": False, "parent": None,
    "default_branch": "main", "description": "Grows on the north side of trees",
}
#: What nearly every example has.
ALWAYS: dict[str, Any] = {"repository": REPOSITORY, "sender": MARY}
