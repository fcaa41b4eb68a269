"""What's in deploy/monitoring and in the documentation goes by the metrics that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY

from fmn.infra import metrics
from tests.cases import every

PROJECT = Path(__file__).parents[4]
MONITORING = PROJECT / "deploy" / "monitoring"
REFERENCE = PROJECT / "docs" / "reference"
RUNBOOK = (REFERENCE / "alerts.rst").read_text(encoding="utf-8")
METRICS = (REFERENCE / "metrics.rst").read_text(encoding="utf-8")
ALERTS = [
    rule for group in yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]]
PANELS = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))["panels"]
#: What a histogram and a counter add to their names.
ENDINGS = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}
OURS = [family for family in REGISTRY.collect() if family.name.startswith("fmn_")]
SERIES = {f"{family.name}{ending}" for family in OURS for ending in ENDINGS[family.type]}


def expressions() -> Iterator[str]:
    for rule in ALERTS:
        yield rule["expr"]
    for panel in PANELS:
        for target in panel.get("targets", ()):
            yield target["expr"]


def labels_of(series: str) -> set[str]:
    name = re.sub("_(total|bucket|count|sum)$", "", series)
    [found] = [
        metric for metric in vars(metrics).values()
        if getattr(metric, "_name", None) in {name, series}]
    return set(found._labelnames)  # noqa: SLF001 - it can't be asked otherwise before it's used


@every("expression", [*expressions()])
def test_what_is_asked_for_is_there(expression: str) -> None:
    asked = re.findall(r"\b(fmn_\w+)(?:{([^}]*)})?", expression)
    for series, selector in asked:
        assert series in SERIES
        assert set(re.findall(r"(\w+)=", selector)) <= labels_of(series)
    grouped = {
        name.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for name in group.split(",")}
    known = {label for series, _ in asked for label in labels_of(series)} | {"le"}
    assert grouped <= known


@every("name", sorted(family.name for family in OURS))
def test_each_metric_is_explained_and_shown(name: str) -> None:
    shown = "".join(target["expr"] for panel in PANELS for target in panel.get("targets", ()))
    [series] = {each for each in SERIES if re.fullmatch(f"{name}(_total|_bucket)?", each)}
    assert f"``{series.removesuffix('_bucket')}``" in METRICS
    assert series in shown


@every("rule", ALERTS, itemgetter("alert"))
def test_for_each_alert_it_is_written_what_to_do(rule: dict[str, Any]) -> None:
    title = f"\n{rule['alert']}\n{'~' * len(rule['alert'])}\n"
    assert title in RUNBOOK
    assert rule["labels"]["severity"] in {"critical", "warning"}


def test_panels_have_names_and_places_of_their_own() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS}
    assert len(places) == len(PANELS)
