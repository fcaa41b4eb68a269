"""MIME digests: a table of contents, and a mail for each notification (RFC 2046 section 5.1.5).

Mail programs open, sort and keep each of them by itself. They're in plain text, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.delivery.contract import RenderedDelivery, RenderedNotification
from fmn.delivery.email import plain
from fmn.delivery.email.headers import enclosed_headers
from fmn.delivery.email.mail_content import MailContent
from fmn.delivery.email.mime import Entity, multipart, quoted_printable, text_part
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.size_limit import fit_to_size
from fmn.delivery.notification_text import NotificationText, notification_text
from fmn.delivery.signed_links import Links

#: Bytes around each of the mails: a boundary, and the header that says that it's one.
_AROUND_MAIL: Final = 100
#: Bytes around all of them.
_AROUND_MAILS: Final = 200


def mime_digest(
    delivery: RenderedDelivery, content: MailContent, room: int, settings: EmailSettings, links: Links,
    applications: Mapping[str, str],
) -> Entity:
    """Make a MIME digest of at most ``room`` bytes.

    ``content`` is what all of it says; what has no room is counted, with a link to the inbox.
    """
    def cost(index: int, note: NotificationText) -> int:
        mail = _enclosed(delivery, delivery.items[index], note, settings)
        topic = plain.topic(index + 1, note)
        return len(mail.as_bytes()) + _AROUND_MAIL + len(quoted_printable(topic))

    notes = [notification_text(item, applications, links, delivery.presentation) for item in delivery.items]
    # The frame is measured as if it had to own up to leaving out nearly all.
    frame = quoted_printable(plain.contents(content, notes[:1], content.count - 1))
    fitted = fit_to_size(notes, room - _AROUND_MAILS - len(frame), cost, 1)
    contents = plain.contents(content, fitted, content.count - len(fitted))
    mails = [
        _enclosed(delivery, item, note, settings)
        for item, note in zip(delivery.items[:len(fitted)], fitted, strict=True)]
    return multipart("mixed", [text_part(contents, "plain"), multipart("digest", mails)])


def _enclosed(
    delivery: RenderedDelivery, item: RenderedNotification, note: NotificationText, settings: EmailSettings,
) -> Entity:
    mail = text_part(plain.enclosed(note), "plain").within(enclosed_headers(delivery, item, note, settings))
    return Entity("Content-Type: message/rfc822\r\n", mail.as_bytes())
