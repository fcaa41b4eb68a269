"""Plain text part of mails."""

from __future__ import annotations

from collections.abc import Sequence

from fmn.delivery.email.digest_sections import DigestSection
from fmn.delivery.email.line_wrapping import is_preformatted, wrap_paragraph
from fmn.delivery.email.mail_content import ActionLink, Footer, MailContent, more_text
from fmn.delivery.email.system_mail import SystemMail
from fmn.delivery.notification_text import SHORTENED, NotificationText, minute
from fmn.translations import gettext

#: What mail programs take for the start of a signature (RFC 3676 section 4.3): they set it apart, and
#: leave it out of answers. The blank at its end belongs to it.
_SIGNATURE = "-- "
#: What a digest tells of is set in, below a bullet.
_BULLET = "* "
#: And so is what a group lists.
_INNER_BULLET = "- "
_INDENT = "  "


def beginning(note: NotificationText) -> str:
    """A single's text before its footer: what happened, where and when."""
    when = wrap_paragraph(f"{note.application} ({note.title}), {minute(note.sent_at)}")
    return _page(_paragraphs(note, ""), f"{_SIGNATURE}\n{when}\n")


def footer(content: Footer) -> str:
    """Footer: why it's sent, and links."""
    done = [f"{link.label}: {link.url}" for link in content.actions]
    return "\n".join([wrap_paragraph(content.because), *done, ""])


def end() -> str:
    """Text after the footer: none."""
    return ""


def notice(notice: SystemMail) -> str:
    """Text of a system mail."""
    action = [notice.action.url] if notice.action else []
    said = "\n\n".join([*(wrap_paragraph(each) for each in notice.paragraphs), *action])
    return _page(f"{said}\n", _signed(notice))


def digest(content: MailContent, sections: str) -> str:
    """A digest's frame around its ``sections``."""
    return _page(
        "\n".join([*(wrap_paragraph(line) for line in (content.headline, *content.about)), ""]),
        sections.removesuffix("\n"),
        f"{content.remainder} {content.inbox.label}:\n{content.inbox.url}\n" if content.remainder else "",
        _signed(content),
    )


def contents(content: MailContent, notes: Sequence[NotificationText], left_out: int) -> str:
    """Table of contents of a MIME digest."""
    remainder = f"{more_text(left_out)} {content.inbox.label}:\n{content.inbox.url}\n"
    return _page(
        "\n".join([*(wrap_paragraph(line) for line in (content.headline, *content.about)), ""]),
        "".join(topic(number, note) for number, note in enumerate(notes, 1)),
        remainder if left_out else "",
        _signed(content))


def topic(number: int, note: NotificationText) -> str:
    """A line of the table of contents."""
    return f"{wrap_paragraph(f'{number}. {note.summary}')}\n"


def enclosed(note: NotificationText) -> str:
    """Text of a mail within a MIME digest."""
    when = wrap_paragraph(f"{note.application} ({note.title}), {minute(note.sent_at)}")
    why = [
        wrap_paragraph(gettext("Matched by {filter}.").format(filter=note.filter_name)), _why(note),
    ] if note.tells_why else []
    return _page(_paragraphs(note, ""), "\n".join([_SIGNATURE, when, *why, ""]))


def opening(section: DigestSection) -> str:
    """A section's head."""
    if not (section.is_group and section.summary):
        return ""
    about = wrap_paragraph(", ".join(section.about), _INDENT)
    return f"{_bulleted(wrap_paragraph(section.summary, _INDENT), _BULLET)}\n{about}\n\n"


def listed(section: DigestSection, note: NotificationText) -> str:
    """A notification within a section."""
    return _member(section, note) if section.is_group else _alone(note)


def closing(section: DigestSection, inbox: ActionLink) -> str:
    """A section's end."""
    if not section.is_group:
        return ""
    if not section.more:
        return "" if _has_text(section) else "\n"
    indent = _indent(section)
    return f"{wrap_paragraph(f'{section.more} {inbox.label}:', indent)}\n{indent}{inbox.url}\n\n"


def _alone(note: NotificationText) -> str:
    told = _bulleted(_paragraphs(note, _INDENT), _BULLET)
    about = f"{note.application}, {minute(note.sent_at)}"
    if not note.tells_why:
        return f"{told}\n{wrap_paragraph(about, _INDENT)}\n\n"
    return f"{told}\n{wrap_paragraph(f'{about}, {note.filter_name}', _INDENT)}\n{_INDENT}{_why(note)}\n\n"


def _why(note: NotificationText) -> str:
    return gettext("Why: {link}").format(link=note.why)


def _member(section: DigestSection, note: NotificationText) -> str:
    indent = _indent(section) + _INDENT
    told = _bulleted(_paragraphs(note, indent), _indent(section) + _INNER_BULLET)
    # Where one has a text, all are as far apart as texts are from lines.
    blank = "\n" if _has_text(section) else ""
    why = gettext(", why: {link}").format(link=note.why) if note.tells_why else ""
    return f"{told}{blank}{indent}{section.when(note)}{why}\n{blank}"


def _indent(section: DigestSection) -> str:
    """Indentation of a group's notifications."""
    return _INDENT if section.summary else ""


def _has_text(section: DigestSection) -> bool:
    return any(note.long or note.cut for note in section.notes)


def _bulleted(text: str, bullet: str) -> str:
    """An indented text with a bullet before its first line."""
    return bullet + text[len(bullet):]


def _page(*blocks: str) -> str:
    return "\n".join(block for block in blocks if block)


def _paragraphs(note: NotificationText, indent: str) -> str:
    head = [wrap_paragraph(note.summary, indent), *([indent + note.link] if note.link else [])]
    rest = [f"{indent}{gettext(SHORTENED)}:", indent + note.why]
    text = [*_text(note.long, indent), *(rest if note.cut else [])]
    return "\n".join([*head, *([""] if text else []), *text, ""])


def _text(text: str, indent: str) -> list[str]:
    if not text:
        return []
    return [f"{indent}{line}" if is_preformatted(line) else wrap_paragraph(line, indent) if line else ""
            for line in text.split("\n")]


def _signed(content: MailContent | SystemMail) -> str:
    return f"{_SIGNATURE}\n{footer(content)}"
