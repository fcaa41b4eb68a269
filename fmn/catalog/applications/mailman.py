"""Mailing lists: what people write to them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from fmn.catalog.accounts_in_messages import PICTURES, avatar_by_email, person
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.identities import addresses_in
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, one_line, quoted

LISTS = "https://lists.fedoraproject.org"

#: More of a header isn't decoded, which could take long.
HEADER_LENGTH = 1000


def decoded(header: str) -> str:
    """A header on one line, with its ``=?utf-8?q?encoded?=`` words as people read them."""
    line = one_line(header[:HEADER_LENGTH])
    try:
        return one_line(str(make_header(decode_header(line)))) if "=?" in line else line
    except (HeaderParseError, LookupError, ValueError):
        return line


def picture_by_name(account: str) -> str:
    """The picture that has always been shown of who wrote a mail: by the bare account, not its OpenID."""
    return PICTURES.format(digest=hashlib.sha256(account.encode(errors="replace")).hexdigest())


def name_in_archives(message_id: str) -> str:
    """What the archives call a mail or, by its first one, a conversation."""
    digest = hashlib.sha1(message_id.strip("<>").encode(errors="replace"), usedforsecurity=False).digest()
    return base64.b32encode(digest).decode("ascii")


class MailReceive(EventType):
    """Somebody wrote to a mailing list."""

    topics = ("mailman.receive",)
    rule = "mailman_receive"
    title = "Mail to a list"
    summary_template = "{who} {wrote} {subject} {where}"
    group_summary_template = "{who:people} wrote to {list:lists}"
    example = sample(
        msg={
            "from": "Mary Made-up <mary@fedoraproject.org>", "to": "moss@lists.fedoraproject.org", "cc": None,
            "subject": "[moss] Watering", "date": "Sat, 14 Mar 2026 09:26:53 +0000", "in-reply-to": None,
            "references": None, "message-id": "<1a2b@example.org>", "recipients": [],
            "archived-at": "<https://lists.fedoraproject.org/archives/list/moss@lists.fedoraproject.org/"
                           "message/S3PHLMD7PGWXXLBN3GENHVK7JJ37UWLJ/>",
        },
        mlist={"list_name": "moss", "fqdn_listname": "moss@lists.fedoraproject.org", "display_name": "Moss"},
    )

    def address(self, m: MessageReader) -> str:
        """Who wrote, by e-mail address."""
        return next(reversed(addresses_in(m.text("msg", "from"))), "")

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "sender_username") or m.account(self.address(m))

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        """Who wrote, and to whom besides the list."""
        recipients = addresses_in(f"{m.text('msg', 'to')} {m.text('msg', 'cc')}")
        return (self.agent(m), *map(m.account, recipients), *m.texts("usernames"))

    def link(self, m: MessageReader) -> str:
        """The mail in the archives; some lists only know the path there."""
        address = m.text("url") or m.text("msg", "archived-at").strip().removeprefix("<").removesuffix(">")
        return page(LISTS, address.lstrip("/")) if address.startswith("/") else address

    def thread(self, m: MessageReader) -> str:
        """The page of the whole conversation, which the archives call by the mail that it began with."""
        headers = (m.text("msg", header) for header in ("references", "in-reply-to", "message-id"))
        ids = " ".join(headers).split()
        mailing_list, found, _ = self.link(m).partition("/message/")
        return f"{mailing_list}/thread/{name_in_archives(ids[0])}/" if found and ids else ""

    def secondary_icon(self, m: MessageReader) -> str:
        agent, address = self.agent(m), self.address(m)
        return picture_by_name(agent) if agent else avatar_by_email(address) if address else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name = decoded(m.text("msg", "from")).partition("<")[0].strip(' "')
        replied = bool(m.text("msg", "in-reply-to") or m.text("msg", "references"))
        mailing_list = m.text("mlist", "list_name") or m.text("mlist", "fqdn_listname")
        where = f"the list {mailing_list}" if mailing_list else "a list"
        return {
            "who": self.agent(m) or name or "Somebody",
            "wrote": "replied to" if replied else "wrote",
            "subject": quoted(decoded(m.text("msg", "subject"))) or ("a mail" if replied else "something"),
            "where": f"on {where}" if replied else f"to {where}",
            "list": where,
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Subject=decoded(m.text("msg", "subject")),
            From=decoded(m.text("msg", "from")),
            Date=m.text("msg", "date"),
        )


class Mailman(EventType):
    """Anything from the mailing lists."""


APPLICATION = Application(
    category="mailman",
    title="Mailing lists",
    help="Mails that people write to the mailing lists.",
    icon="https://apps.fedoraproject.org/img/icons/hyperkitty.png",
    other=Mailman,
    events=(MailReceive,),
)
