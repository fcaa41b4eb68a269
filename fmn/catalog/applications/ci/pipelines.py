"""The pipelines that were: first the one for Atomic Host, then those for all packages and containers."""

from __future__ import annotations

from fmn.catalog.centos_ci import STEP, PipelineStep
from fmn.catalog.events import Severity, sample


class Step(PipelineStep):
    """Something happened in a pipeline."""

    severity = Severity.DEBUG
    example = sample(**STEP)


class PackageIgnore(Step):
    """The pipeline for Atomic Host doesn't care about a package."""

    topics = ("ci.pipeline.package.ignore",)
    rule = "ci_package_ignore"
    title = "Package ignored"


class PackageQueued(Step):
    """A package waits to be built in the pipeline for Atomic Host."""

    topics = ("ci.pipeline.package.queued",)
    rule = "ci_package_queued"
    title = "Build of a package queued"


class PackageRunning(Step):
    """A package is being built in the pipeline for Atomic Host."""

    topics = ("ci.pipeline.package.running",)
    rule = "ci_package_running"
    title = "Build of a package started"


class PackageComplete(Step):
    """A package was built in the pipeline for Atomic Host, or failed to."""

    topics = ("ci.pipeline.package.complete",)
    rule = "ci_package_complete"
    title = "Build of a package complete"
    severity = Severity.INFO


class PackageTestQueued(Step):
    """A package waits for its functional tests."""

    topics = ("ci.pipeline.package.test.functional.queued",)
    rule = "ci_package_test_queued"
    title = "Functional tests queued"


class PackageTestRunning(Step):
    """A package's functional tests are running."""

    topics = ("ci.pipeline.package.test.functional.running",)
    rule = "ci_package_test_running"
    title = "Functional tests started"


class PackageTestComplete(Step):
    """A package's functional tests are complete."""

    topics = ("ci.pipeline.package.test.functional.complete",)
    rule = "ci_package_test_complete"
    title = "Functional tests complete"
    severity = Severity.INFO


class ComposeQueued(Step):
    """A package waits to be part of a compose of Atomic Host."""

    topics = ("ci.pipeline.compose.queued",)
    rule = "ci_compose_queued"
    title = "Compose queued"


class ComposeRunning(Step):
    """Atomic Host is being composed with a new package."""

    topics = ("ci.pipeline.compose.running",)
    rule = "ci_compose_running"
    title = "Compose started"


class ComposeComplete(Step):
    """Atomic Host was composed with a new package."""

    topics = ("ci.pipeline.compose.complete",)
    rule = "ci_compose_complete"
    title = "Compose complete"
    severity = Severity.INFO


class ComposeTestQueued(Step):
    """A compose of Atomic Host waits for its integration tests."""

    topics = ("ci.pipeline.compose.test.integration.queued",)
    rule = "ci_compose_test_integration_queued"
    title = "Integration tests queued"


class ComposeTestRunning(Step):
    """The integration tests of a compose of Atomic Host are running."""

    topics = ("ci.pipeline.compose.test.integration.running",)
    rule = "ci_compose_test_integration_running"
    title = "Integration tests started"


class ComposeTestComplete(Step):
    """The integration tests of a compose of Atomic Host are complete."""

    topics = ("ci.pipeline.compose.test.integration.complete",)
    rule = "ci_compose_test_integration_complete"
    title = "Integration tests complete"
    severity = Severity.INFO


class ImageQueued(Step):
    """A package waits to be part of an image of Atomic Host."""

    topics = ("ci.pipeline.image.queued",)
    rule = "ci_image_queued"
    title = "Image queued"


class ImageRunning(Step):
    """An image of Atomic Host is being made with a new package."""

    topics = ("ci.pipeline.image.running",)
    rule = "ci_image_running"
    title = "Image started"


class ImageComplete(Step):
    """An image of Atomic Host was made with a new package."""

    topics = ("ci.pipeline.image.complete",)
    rule = "ci_image_complete"
    title = "Image complete"
    severity = Severity.INFO


class ImageTestQueued(Step):
    """An image of Atomic Host waits for its smoke tests."""

    topics = ("ci.pipeline.image.test.smoke.queued",)
    rule = "ci_image_test_queued"
    title = "Smoke tests queued"


class ImageTestRunning(Step):
    """The smoke tests of an image of Atomic Host are running."""

    topics = ("ci.pipeline.image.test.smoke.running",)
    rule = "ci_image_test_running"
    title = "Smoke tests started"


class ImageTestComplete(Step):
    """The smoke tests of an image of Atomic Host are complete."""

    topics = ("ci.pipeline.image.test.smoke.complete",)
    rule = "ci_image_test_complete"
    title = "Smoke tests complete"
    severity = Severity.INFO


class RunComplete(Step):
    """A run of the pipeline for Atomic Host is over."""

    topics = ("ci.pipeline.complete",)
    title = "Run complete"
    severity = Severity.INFO


class LaterQueued(Step):
    """A step of one of the later pipelines waits to run."""

    topics = ("ci.pipeline.*.*.queued", "ci.pipeline.*.*.test.*.queued")
    rule = "ci_pipeline_step_queued"
    title = "Step of another pipeline queued"
    example_topic = "ci.pipeline.allpackages-build.package.queued"


class LaterRunning(Step):
    """A step of one of the later pipelines is running."""

    topics = ("ci.pipeline.*.*.running", "ci.pipeline.*.*.test.*.running")
    rule = "ci_pipeline_step_running"
    title = "Step of another pipeline started"
    example_topic = "ci.pipeline.container-pr.container.test.functional.running"
    example = sample(**{**STEP, "namespace": "container", "rev": "PR-11", "username": None})


class LaterComplete(Step):
    """A step of one of the later pipelines is complete."""

    topics = ("ci.pipeline.*.*.complete", "ci.pipeline.*.*.test.*.complete", "ci.pipeline.*.*.ignore")
    rule = "ci_pipeline_step_complete"
    title = "Step of another pipeline complete"
    severity = Severity.INFO
    example_topic = "ci.pipeline.allpackages-build.package.test.functional.complete"
    example = sample(**{**STEP, "rev": "kojitask-9201", "nvr": "moss-2.4-1.fc44"})


class LaterRunComplete(Step):
    """A run of one of the later pipelines is over."""

    topics = ("ci.pipeline.*.complete",)
    rule = "ci_pipeline_run_complete"
    title = "Run of another pipeline complete"
    severity = Severity.INFO
    example_topic = "ci.pipeline.allpackages-pr.complete"
    example = sample(**{**STEP, "rev": "PR-11", "status": "FAILURE", "username": None})


EVENTS = (
    PackageIgnore, PackageQueued, PackageRunning, PackageComplete,
    PackageTestQueued, PackageTestRunning, PackageTestComplete,
    ComposeQueued, ComposeRunning, ComposeComplete,
    ComposeTestQueued, ComposeTestRunning, ComposeTestComplete,
    ImageQueued, ImageRunning, ImageComplete,
    ImageTestQueued, ImageTestRunning, ImageTestComplete,
    RunComplete, LaterQueued, LaterRunning, LaterComplete, LaterRunComplete,
)
