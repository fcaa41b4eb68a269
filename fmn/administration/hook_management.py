"""Managing webhooks of forges: adding, rotating secrets, switching and removing, with audit entries.

Only administrators and commands may: a webhook speaks for the whole installation, and its messages reach
everybody whose filters let them through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.errors import ConflictError, UserError
from fmn.settings import Settings
from fmn.sources.webhooks.forges import FORGES
from fmn.sources.webhooks.models import Hook
from fmn.sources.webhooks.secrets import hook_secret
from fmn.translations import gettext, mark

#: Webhooks of an installation. One may serve a whole organization's repositories.
MOST_HOOKS: Final = 200
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")
#: The three parts before an event's name in a topic, as everywhere in FMN.
_TOPIC_PREFIX: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}")
_LONGEST_PREFIX: Final = 100


@dataclass(frozen=True)
class NewHook:
    """What an administrator says of a new webhook."""

    name: str
    forge: str
    topic_prefix: str
    logins_are_accounts: bool = True
    private_too: bool = False


def default_topic_prefix(settings: Settings) -> str:
    """The topic prefix that the bus of these settings has."""
    return f"{settings.publish.topic_prefix}.{settings.bus.environment}"


def hook_url(settings: Settings, name: str) -> str:
    """The address that a forge calls."""
    return f"{settings.web.base_url.rstrip('/')}/hooks/{name}"


def secret_of(settings: Settings, hook: Hook) -> str:
    """The current secret of a webhook, to be shown once."""
    return hook_secret(settings.web.secret, hook.public_id, hook.generation)


def hooks(session: Session) -> Sequence[Hook]:
    """All webhooks by name."""
    return session.scalars(select(Hook).order_by(Hook.name)).all()


def find_hook(session: Session, name: str) -> Hook:
    """The webhook of this name.

    :raises UserError: there is none
    """
    found = session.scalar(select(Hook).where(Hook.name == name))
    if found is None:
        raise UserError(f"There is no webhook “{name}”: fmn hooks list shows those that there are.", "name")
    return found


def add_hook(session: Session, actor: str, new: NewHook, now: datetime) -> Hook:
    """Add a webhook.

    :raises UserError: its name, forge or topic prefix can't be used, or there are too many
    """
    _check(new)
    if (session.scalar(select(func.count()).select_from(Hook)) or 0) >= MOST_HOOKS:
        raise UserError(gettext(
            "There are {n} webhooks, which is the most. Remove one first.").format(n=MOST_HOOKS), "name")
    hook = Hook(
        name=new.name, forge=new.forge, topic_prefix=new.topic_prefix, created_by=actor, created_at=now,
        logins_are_accounts=new.logins_are_accounts, private_too=new.private_too)
    try:
        with session.begin_nested():
            session.add(hook)
    except IntegrityError:
        taken = gettext("There is a webhook “{name}” already. Choose another name.").format(name=new.name)
        raise UserError(taken, "name") from None
    log_action(
        session, actor, mark("added webhook"), "", name=new.name, forge=new.forge, topic=new.topic_prefix)
    return hook


def rotate_secret(
    session: Session, actor: str, hook: Hook, now: datetime, overlap: timedelta, *,
    generation: int | None = None,
) -> None:
    """Give a webhook a new secret; the one before stays valid for ``overlap``.

    ``generation`` is the one to follow, by default the current one. Following it again changes nothing: a
    second new secret at once would end the one that the forge has.

    :raises ConflictError: somebody else has rotated the secret meanwhile
    """
    wanted = (hook.generation if generation is None else generation) + 1
    if hook.generation == wanted:
        return
    if hook.generation + 1 != wanted:
        raise ConflictError(f"the secret of {hook.name} has been rotated meanwhile")
    hook.generation = wanted
    hook.previous_until = now + overlap
    log_action(session, actor, mark("rotated webhook secret"), "", name=hook.name)


def switch_hook(session: Session, actor: str, hook: Hook, *, on: bool) -> None:
    """Enable or disable a webhook."""
    if hook.enabled is on:
        return
    hook.enabled = on
    action = mark("enabled webhook") if on else mark("disabled webhook")
    log_action(session, actor, action, "", name=hook.name)


def remove_hook(session: Session, actor: str, hook: Hook) -> None:
    """Remove a webhook and the list of its deliveries. Its messages stay."""
    session.delete(hook)
    log_action(session, actor, mark("removed webhook"), "", name=hook.name)


def _check(new: NewHook) -> None:
    if not _NAME.fullmatch(new.name):
        raise UserError(gettext(
            "Enter 1 to 50 small letters, digits and dashes, for example moss-at-codeberg."), "name")
    if new.forge not in FORGES:
        raise UserError(gettext("Choose one of {forges}.").format(forges=", ".join(FORGES)), "forge")
    if not _TOPIC_PREFIX.fullmatch(new.topic_prefix) or len(new.topic_prefix) > _LONGEST_PREFIX:
        raise UserError(gettext(
            "Enter three words with dots between them, for example org.example.prod."), "topic_prefix")
