"""HTML part of mails."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources
from typing import Any

from mako.template import Template

from fmn.delivery.email.digest_sections import DigestSection
from fmn.delivery.email.line_wrapping import is_preformatted
from fmn.delivery.email.mail_content import ActionLink, Footer, MailContent
from fmn.delivery.email.system_mail import SystemMail
from fmn.delivery.notification_text import SHORTENED, NotificationText, minute
from fmn.translations import SOURCE_LANGUAGE, current_language, gettext

_QUIET = "color:#59636e;font-size:13px"
_FOOT = f"margin:28px 0 0;padding:14px 0 0;border-top:1px solid #d1d9e0;{_QUIET}"
_FOOTER = f'<div class="quiet line" style="{_FOOT}">'
_LINK = f'<a class="quiet" style="{_QUIET}" href="'


def beginning(note: NotificationText) -> str:
    """A single's text before its footer."""
    return _render("beginning", when=minute(note.sent_at), **_shown(note))


def notice(notice: SystemMail) -> str:
    """Text of a system mail."""
    return _render("notice", notice=notice)


def digest(content: MailContent, sections: str) -> str:
    """A digest's frame around its ``sections``, which are HTML."""
    return _render("digest", content=content, sections=sections)


def opening(section: DigestSection) -> str:
    """A section's head, as HTML."""
    return _render("opening", section=section, english=_english()) if section.is_group else ""


def listed(section: DigestSection, note: NotificationText) -> str:
    """A notification within a section, as HTML."""
    if section.is_group:
        return _render("member", when=section.when(note), **_shown(note))
    return _render("alone", when=minute(note.sent_at), **_shown(note))


def closing(section: DigestSection, inbox: ActionLink) -> str:
    """A section's end, as HTML."""
    return _render("closing", section=section, inbox=inbox) if section.is_group else ""


def _shown(note: NotificationText) -> dict[str, Any]:
    return {
        "note": note, "english": _english(),
        "preformatted": any(is_preformatted(line) for line in note.long.split("\n")),
        "shortened": gettext(SHORTENED),
    }


def _english() -> str:
    """The attribute of what the catalogue says, in a mail of another language."""
    return "" if current_language() == SOURCE_LANGUAGE else ' lang="en"'


def _render(part: str, **values: Any) -> str:
    return str(_part(part).render(footer=footer, **values)).strip() + "\n"


def footer(content: Footer) -> str:
    """Footer: why it's sent, and links. Without a template, since each mail has its own."""
    actions = " &middot; ".join(
        [f'{_LINK}{escape(link.url)}">{_label(link.label)}</a>' for link in content.actions])
    return f"{_FOOTER}\n{escape(content.because)}<br>\n{actions}\n</div>\n"


@cache
def _label(label: str) -> str:
    """A link's label, of which there are few, as HTML."""
    return escape(label)


@cache
def end() -> str:
    """End of the HTML document."""
    return _render("end")


@cache
def _part(name: str) -> Any:
    return _template().get_def(name)


@cache
def _template() -> Template:
    source = resources.files(__package__).joinpath("templates/mail.mako").read_text("utf-8")
    # The standard library's escape makes plain text, which takes a fraction of the time of Mako's own.
    return Template(  # noqa: S702 - everything is escaped
        source, imports=[
            "from html import escape", "from fmn.delivery.text_links import link_urls",
            "from fmn.translations import current_language, gettext as _"],
        default_filters=["escape"], strict_undefined=True)
