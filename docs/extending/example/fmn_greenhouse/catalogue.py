"""What FMN knows of Greenhouse, which waters plants and watches over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog import Application, ApplicationRule, Argument, EventType, Facts, MessageReader, Severity
from fmn.catalog.events import SEVERAL, sample
from fmn.catalog.urls import page
from fmn.catalog.accounts_in_messages import person
from fmn.text import labelled, split_list

GREENHOUSE = "https://greenhouse.example.org"


class Plant(EventType):
    """Anything about a plant."""

    def plant(self, m: MessageReader) -> str:
        """The plant's name."""
        return m.text("plant", "name")

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), person(m, "plant", "keeper"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "plant": self.plant(m) or "a plant"}

    def link(self, m: MessageReader) -> str:
        return page(GREENHOUSE, "plants", self.plant(m))


class PlantWatered(Plant):
    """Somebody watered a plant."""

    topics = ("greenhouse.plant.watered",)
    title = "Plant watered"
    summary_template = "{who} watered {plant}"
    group_summary_template = "{who:people} watered {plant:plants}"
    example = sample(agent="mary", plant={"name": "moss", "row": 3, "keeper": "sam"})


class Alarm(Plant):
    """A sensor found that a plant isn't well."""

    topics = ("greenhouse.alarm.*",)
    example_topic = "greenhouse.alarm.dry"
    rule = "greenhouse_alarm"
    title = "Alarm"
    summary_template = "It's too {trouble} for {plant}"
    severity = Severity.ERROR
    example = sample(plant={"name": "moss", "row": 3, "keeper": "sam"}, humidity="12 %", limit="20 %")

    def agent(self, m: MessageReader) -> str | None:
        return None

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "trouble": m.topic_part(2)}

    def long(self, m: MessageReader) -> str:
        return labelled(row=m.text("plant", "row"), humidity=m.text("humidity"), limit=m.text("limit"))


def in_rows(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether a message is about a plant in one of these rows."""
    return facts.reader.text("plant", "row") in split_list(arguments["rows"])


APPLICATION = Application(
    category="greenhouse",
    title="Greenhouse",
    help="Plants: watered, and when they're not well.",
    icon=f"{GREENHOUSE}/leaf.png",
    topic_prefix="org.example",
    other=Plant,
    events=(PlantWatered, Alarm),
    catchall="greenhouse_catchall",
    rules=(
        ApplicationRule(
            "greenhouse_rows", "Plants in rows", "The message is about a plant in one of these rows.",
            (Argument("rows", "Rows", SEVERAL, sample="3, 4"),), in_rows),
    ),
)
