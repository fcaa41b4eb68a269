"""The bot: has the desk answer who writes to us, without ever talking to anybody first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Full, Queue
from threading import Thread
from typing import Final

import structlog

from fmn.delivery.contract import ChannelDownError, DeliveryError, Desk
from fmn.delivery.irc.irc_connection import Heard
from fmn.delivery.irc.irc_session import Session
from fmn.delivery.irc.line_splitting import wrapped
from fmn.delivery.irc.nicks import folded
from fmn.delivery.irc.nickserv import Standing
from fmn.delivery.irc.reply_rate import Allowance
from fmn.text import one_line

log = structlog.get_logger()

#: Questions that wait for their answer; what comes on top gets none.
MOST_WAITING: Final = 20
#: Seconds that finding out who somebody is may take.
_PATIENCE: Final = 30.0

TOO_MANY: Final = "That’s faster than I can answer. Give me a minute, please."
IDENTIFY: Final = (
    "I only answer the owner of a nick, and {services} doesn’t say that you are. "
    "Identify first: /msg {services} IDENTIFY")
SERVICES_AWAY: Final = "I can’t find out who you are: {services} doesn’t answer. Try again later, please."
FAILED: Final = "Something is wrong here. Try again in a while, please."


@dataclass(frozen=True, slots=True)
class _Question:
    """What somebody wants to know; ``answered`` is an answer that needs no desk."""

    nick: str
    sender: str
    text: str
    answered: str = ""


class Bot:
    """Answers, one question after another, in a thread of its own: the desk may take its time.

    ``services`` are the network's, as :class:`~fmn.delivery.irc.nick_owners.Owners` asks them. ``session``
    returns the open session, or raises :class:`~fmn.delivery.contract.ChannelDownError`.
    """

    def __init__(self, desk: Desk, context: str, services: str, session: Callable[[], Session]) -> None:
        self._desk = desk
        self._context = context
        self._services = services.partition("@")[0]
        self._session = session
        self._questions: Queue[_Question] = Queue(MOST_WAITING)
        self._thread: Thread | None = None
        # All together get less than half of what a network usually lets us say.
        self._all = Allowance(burst=20, seconds=5)
        self._each = Allowance(burst=5, seconds=10)
        self._hints = Allowance(burst=1, seconds=60)
        self._strangers = Allowance(burst=1, seconds=600)

    def hear(self, heard: Heard) -> None:
        """Take a private message, or leave it. Returns at once; only one thread may call."""
        sender = heard.user_and_host
        if not sender or folded(heard.nick).endswith("serv") or folded(heard.nick) == folded(self._services):
            return  # Servers and services tell everybody something, and want no answer.
        may = self._each.take(sender)
        if not (may or self._hints.take(sender)) or not self._all.take():
            return
        try:
            self._questions.put_nowait(
                _Question(heard.nick, sender, heard.text, "" if may else TOO_MANY))
        except Full:
            log.warning("too many questions on IRC")
        if self._thread is None:
            self._thread = Thread(target=self._run, name="irc bot", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            question = self._questions.get()
            try:
                session = self._session()
                session.answer(question.nick, self._lines(question, session))
            except DeliveryError as error:
                log.info("question on IRC not answered", reason=error.reason)
            except Exception:
                log.exception("question on IRC failed")

    def _lines(self, question: _Question, session: Session) -> Sequence[str]:
        answers = [question.answered] if question.answered else self._answers(question, session)
        return [line for answer in answers for line in wrapped(one_line(answer).split())]

    def _answers(self, question: _Question, session: Session) -> Sequence[str]:
        try:
            standing = session.standing(question.nick, time.monotonic() + _PATIENCE)
        except ChannelDownError:
            return self._to_a_stranger(question, SERVICES_AWAY)
        if standing is not Standing.OWNER:
            return self._to_a_stranger(question, IDENTIFY)
        try:
            return self._desk.answer(self._context, folded(question.nick), question.text)
        except Exception:
            log.exception("desk failed")
            return [FAILED]

    def _to_a_stranger(self, question: _Question, answer: str) -> Sequence[str]:
        return [answer.format(services=self._services)] if self._strangers.take(question.sender) else []
