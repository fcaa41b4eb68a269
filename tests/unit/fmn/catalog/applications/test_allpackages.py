from __future__ import annotations

import pytest

from fmn.catalog import catalog
from tests.messages import described, facts

STEP = {
    "branch": "f28", "namespace": "rpms", "repo": "moss", "rev": "5b1c0f6d2f4ab9c1", "status": "SUCCESS",
    "username": "mary", "build_url": "https://jenkins.example.org/335/",
}


@pytest.mark.parametrize(("title", "name", "begin", "end"), [
    ("allpackages.pipeline.package.running", "allpackages_step_running", "The build of", "started"),
    ("allpackages.pipeline.package.test.functional.queued", "allpackages_step_queued",
     "The functional tests of", "will start"),
    ("allpackages.pipeline.package.ignore", "allpackages_step_complete", "The build of", "will not start"),
    ("allpackages.pipeline.image.complete", "allpackages_step_complete", "The image with", "succeeded"),
    ("allpackages.pipeline.complete", "allpackages_pipeline_complete", "The run of", "succeeded"),
])
def test_steps_are_told_as_those_of_other_pipelines(title: str, name: str, begin: str, end: str) -> None:
    assert facts(title, STEP).event.name == name
    assert facts(title, STEP).usernames == {"mary"}
    assert described(title, STEP).summary == (
        f"{begin} rpms/moss (5b1c0f6d, f28) {end} in the all packages pipeline")


def test_the_whole_application_is_retired() -> None:
    assert catalog().applications["allpackages"].retired
