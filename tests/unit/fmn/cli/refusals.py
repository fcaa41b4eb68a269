"""What commands say of a mistake."""

from __future__ import annotations

from click.testing import Result


def refusal(result: Result) -> str:
    """The one sentence that a mistake gets."""
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    return result.output.removeprefix("Error: ").strip()
