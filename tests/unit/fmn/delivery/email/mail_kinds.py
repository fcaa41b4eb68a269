"""One mail of every kind that is sent, in English and in letters that ASCII lacks, as it is on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fmn.delivery.contract import RenderedDelivery, RenderedNotification, SystemMessage
from fmn.delivery.email.formatter import format_mail
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import OPTIONS, a_delivery, pushes, some_notifications

CONFIRMATION = SystemMessage(
    subject="Confirm this address",
    paragraphs=["alice asked FMN to send notifications to this address.",
                ("To confirm that it's yours, open this page by 2026-03-15 12:00 UTC, in any browser, and "
                 "press the button:")],
    because="If that wasn't you, ignore this message. FMN will send you nothing else.",
    confirmation=PublicId(5))
TEST = SystemMessage(
    subject="Test message",
    paragraphs=["It works: messages that match alice's filters are sent here."],
    because="Sent to alice, who asked for a test.")
NOTICE = SystemMessage(
    subject="An administrator stopped your filter", paragraphs=["Your filter “Everything” sends too much."],
    because="Sent to alice because it concerns their account.")


def mails() -> Mapping[str, bytes]:
    """Each by its name."""
    return {
        name: format_mail(replace(delivery, key=name), OPTIONS).as_bytes() for name,
        delivery in _deliveries()}


def _deliveries() -> Iterator[tuple[str, RenderedDelivery]]:
    for language, items in (
            ("ASCII", some_notifications()), ("beyond ASCII", _translated(some_notifications()))):
        yield f"single, {language}", a_delivery(items[0])
        yield f"single in plain text, {language}", a_delivery(items[0], markup=False)
        yield f"digest, {language}", a_delivery(*items, *pushes(30))
        yield f"digest in plain text, {language}", a_delivery(*items, *pushes(30), markup=False)
        yield f"MIME digest, {language}", a_delivery(*items, mime_digest=True)
    for name, system_message in (("confirmation", CONFIRMATION), ("test", TEST), ("notice", NOTICE)):
        yield f"{name}, ASCII", replace(a_delivery(), items=(), system_message=system_message)
        translated = replace(system_message, subject=f"Ümläute: {system_message.subject}",
            because=f"Grüße. {system_message.because}")
        yield f"{name}, beyond ASCII", replace(a_delivery(), items=(), system_message=translated)


def _translated(items: Sequence[RenderedNotification]) -> Sequence[RenderedNotification]:
    return [
        replace(item, filter_name="Meine Päckchen", description=replace(
            item.description, summary=f"Jürgen: {item.description.summary} – 更新",
            long=f"Läuft hier, спасибо!\n{item.description.long}", thread="https://bodhi.example.org/ü"))
        for item in items]
