"""The filter editor's form, and the filters that are saved by it."""

from __future__ import annotations

from sqlalchemy import select
from webtest import Form, TestResponse

from fmn.filters.expressions import Expression, Rule
from fmn.filters.models import Filter
from fmn.wiring import Services
from tests.integration.webapp.pages import outline

NEW = "/preferences/email/filters/new"
TAG = Rule("koji_tag")


def editor(page: TestResponse) -> Form:
    """The form of a page, which is as every page is to be."""
    outline(page)
    return page.forms["editor"]


def press(form: Form, what: str, **status: int) -> TestResponse:
    return form.submit("do", value=what, **status)


def filters(services: Services) -> list[tuple[str, Expression, bool, bool]]:
    """Name, what it asks, whether it's on, and whether only once, of all filters in their order."""
    with services.database.reading() as session:
        return [(each.name, each.stored.expression, each.enabled, each.oneshot)
                for each in session.scalars(select(Filter).order_by(Filter.position))]
