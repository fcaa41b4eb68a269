"""The pipeline for all packages, when it still had a category of its own: in 2018, for some months."""

from __future__ import annotations

from fmn.catalog.centos_ci import ICON, STEP, PipelineStep
from fmn.catalog.events import Application, Severity, sample


class Step(PipelineStep):
    """Something happened in the pipeline for all packages."""

    severity = Severity.DEBUG
    example = sample(**STEP)


class StepQueued(Step):
    """A step of the pipeline for all packages waits to run."""

    topics = ("allpackages.pipeline.*.queued", "allpackages.pipeline.*.test.*.queued")
    rule = "allpackages_step_queued"
    title = "Step queued"
    example_topic = "allpackages.pipeline.package.queued"


class StepRunning(Step):
    """A step of the pipeline for all packages is running."""

    topics = ("allpackages.pipeline.*.running", "allpackages.pipeline.*.test.*.running")
    rule = "allpackages_step_running"
    title = "Step started"
    example_topic = "allpackages.pipeline.package.running"


class StepComplete(Step):
    """A step of the pipeline for all packages is complete, or there's nothing to do for the package."""

    topics = (
        "allpackages.pipeline.*.complete", "allpackages.pipeline.*.test.*.complete",
        "allpackages.pipeline.*.ignore",
    )
    rule = "allpackages_step_complete"
    title = "Step complete"
    severity = Severity.INFO
    example_topic = "allpackages.pipeline.package.test.functional.complete"


class RunComplete(Step):
    """A run of the pipeline for all packages is over."""

    topics = ("allpackages.pipeline.complete",)
    title = "Run complete"
    severity = Severity.INFO


APPLICATION = Application(
    category="allpackages",
    title="All packages pipeline",
    help="Builds and tests in the pipeline for all packages, when it wasn't part of CI yet.",
    icon=ICON,
    topic_prefix="org.centos",
    retired=True,
    other=Step,
    events=(StepQueued, StepRunning, StepComplete, RunComplete),
)
