"""Names the case at which a test with many of them failed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

Value = TypeVar("Value")


@contextmanager
def case(which: object) -> Iterator[None]:
    """Add to whatever is raised within it which case it was of many that are too quick for a test each."""
    try:
        yield
    except Exception as error:
        error.add_note(f"case: {which!r}")
        raise


def every(
    name: str, values: Collection[Value], called: Callable[[Value], object] = lambda value: value,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with each of the values as the argument ``name``, and raise all that failed together.

    Unlike :func:`pytest.mark.parametrize` it makes one test of them, whose failures say how their values are
    ``called``: for many values that take no time. Each test takes pytest and pytest-xdist 3 ms.
    """
    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def with_every(*instance: object, **arguments: object) -> None:
            assert values
            failures: list[Exception] = []
            for value in values:
                try:
                    with case(called(value)):
                        test(*instance, **{name: value}, **arguments)
                except Exception as error:  # noqa: BLE001 - raised below
                    failures.append(error)
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(values)} cases failed", failures)

        made: Any = with_every  # functions are objects: pytest looks for fixtures in this
        made.__signature__ = _without(name, inspect.signature(test))
        return with_every

    return decorated


def _without(name: str, signature: inspect.Signature) -> inspect.Signature:
    return signature.replace(parameters=[each for each in signature.parameters.values() if each.name != name])
