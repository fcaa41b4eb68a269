"""One mail of every kind that is sent, in English and in letters that ASCII lacks, as it is on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fmn.delivery.contract import Item, Letter, Outgoing
from fmn.delivery.email.formatter import format_mail
from fmn.infra.public_ids import RowName
from tests.unit.fmn.delivery.email.examples import LOOK, an_outgoing, pushes, some_items

CONFIRMATION = Letter(
    subject="Confirm this address",
    paragraphs=["Somebody who is signed in to FMN as alice wants to get notifications at this address.",
                "If that's you, open this page until 2026-03-15 12:00 UTC, and press its button:"],
    because="If you know nothing of this, do nothing. Nothing else is sent to you then.",
    confirmation=RowName(5))
TEST = Letter(
    subject="This is a test",
    paragraphs=["It arrived: this is where alice gets what their filters let through."],
    because="Sent to alice, who asked for it.")
NOTICE = Letter(
    subject="An administrator stopped your filter", paragraphs=["Your filter “Everything” sends too much."],
    because="Sent to alice, about their account.")


def mails() -> Mapping[str, bytes]:
    """Each by its name."""
    return {
        name: format_mail(replace(outgoing, key=name), LOOK).as_bytes() for name, outgoing in _outgoing()}


def _outgoing() -> Iterator[tuple[str, Outgoing]]:
    for language, items in (("ASCII", some_items()), ("beyond ASCII", _translated(some_items()))):
        yield f"single, {language}", an_outgoing(items[0])
        yield f"single in plain text, {language}", an_outgoing(items[0], markup=False)
        yield f"digest, {language}", an_outgoing(*items, *pushes(30))
        yield f"digest in plain text, {language}", an_outgoing(*items, *pushes(30), markup=False)
        yield f"MIME digest, {language}", an_outgoing(*items, mime_digest=True)
    for name, letter in (("confirmation", CONFIRMATION), ("test", TEST), ("notice", NOTICE)):
        yield f"{name}, ASCII", replace(an_outgoing(), items=(), letter=letter)
        translated = replace(letter, subject=f"Ümläute: {letter.subject}", because=f"Grüße. {letter.because}")
        yield f"{name}, beyond ASCII", replace(an_outgoing(), items=(), letter=translated)


def _translated(items: Sequence[Item]) -> Sequence[Item]:
    return [
        replace(item, filter_name="Meine Päckchen", description=replace(
            item.description, summary=f"Jürgen: {item.description.summary} – 更新",
            long=f"Läuft hier, спасибо!\n{item.description.long}", thread="https://bodhi.example.org/ü"))
        for item in items]
