"""What the API's document says, and the page for people."""

from __future__ import annotations

import json

from webtest import TestApp

from fmn.wiring import Services
from tests.integration.webapp.api.client import operations
from tests.integration.webapp.pages import outline
from webapp import configured
from webapp.api.problems import KINDS
from webapp.api.views import cached_document
from webapp.routes import API

DOCUMENT = cached_document("http://localhost")


def test_is_served_and_is_valid(web: TestApp) -> None:
    answer = web.get("/api/v1/openapi.json")
    assert answer.content_type == "application/json"
    assert answer.json == json.loads(json.dumps(DOCUMENT))
    # Importing it takes a second of CPU, and every process that runs tests imports all tests.
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415

    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_describes_every_view_of_the_api_and_no_other(services: Services) -> None:
    config = configured(services, trial=True)
    config.commit()
    views = [each["introspectable"] for each in config.introspector.get_category("views")]
    found = {
        (view["request_methods"], API[view["route_name"]])
        for view in views if view["route_name"] in API.keys() - {"api", "api_document"}
    }
    told = {(method, path) for method, path, _ in operations(DOCUMENT)}
    # OpenAPI has no words for a part with slashes in it
    assert {(method, path.replace(":.+}", "}")) for method, path in found} == told
    assert {path for _, path in found} == set(API.values()) - {API["api"], API["api_document"]}


def test_says_of_every_operation_what_it_takes_and_what_may_become_of_it() -> None:
    names = []
    for method, path, operation in operations(DOCUMENT):
        names.append(operation["operationId"])
        assert operation["summary"], path
        assert operation["security"] in [[{"token": [scope]}] for scope in ("read", "write", "publish")]
        assert {"400", "401", "403", "422"} <= operation["responses"].keys()
        assert ("404" in operation["responses"]) >= ("{" in path)
        assert {each["name"] for each in operation["parameters"] if each["in"] == "path"} == {
            part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert method in ("GET", "DELETE") or "requestBody" in operation or operation["security"] == [
            {"token": ["write"]}]
    assert len(names) == len(set(names))


def test_the_page_says_the_same_to_people(web: TestApp) -> None:
    page = web.get("/api/v1/")
    found = outline(page)
    anchors = {attributes.get("id") for _, attributes in found.elements}
    for method, path, operation in operations(DOCUMENT):
        page.mustcontain(operation["summary"], path.removeprefix("/api/v1"), method)
        assert operation["operationId"] in anchors
    # Names in descriptions are marked as code
    page.mustcontain("the message in <code>say</code>", no="&lt;code&gt;")
    # Problems lead here for what to do about them
    assert {kind.name for kind in KINDS.values()} <= anchors
