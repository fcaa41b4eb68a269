"""Channels that only tests have: one's addresses are confirmed by a code sent there, the other's by one said.

Installed the way a package installs its own, by entry points.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fmn.channels import channel_types

#: Sends codes. Its addresses have secrets in them.
PIGEON = "pigeon"
#: Hears codes. Its addresses are nicks.
PARROT = "parrot"

_MODULES = {
    PIGEON: """
        from fmn.channels import ChannelType, Proof

        def parse_address(text, _settings):
            if not text.startswith("loft://"):
                raise ValueError(f"“{text}” isn’t a loft. Write one such as loft://example.org/door.")
            return text

        def mask_address(address):
            return f"{address.rpartition('/')[0]}/…"

        ABOUT = ChannelType(
            name="pigeon", title="pigeon", proof=Proof.CODE, parse_address=parse_address, label="Loft",
            example="loft://example.org/door", mask=mask_address, input_type="url")
        """,
    PARROT: """
        from fmn.channels import ChannelType, Proof

        ABOUT = ChannelType(
            name="parrot", title="parrot", proof=Proof.REPLY,
            parse_address=lambda text, _settings: text.strip().lower(), label="Perch", example="polly",
            confirm_command=lambda _settings, code: f"/squawk confirm {code}", markup="colours")
        """,
}
_CHANNEL = """
    from tests.factories.fake_channels import RecordingChannel

    def open_channel(_context):
        return RecordingChannel({name!r})
    """


@contextmanager
def other_channels(folder: Path) -> Iterator[None]:
    """Both are installed, in this process."""
    entry_points = ["[fmn.channels]"]
    for name, about in _MODULES.items():
        package = folder / f"{name}_of_the_tests"
        package.mkdir(parents=True)
        for module, text in (("__init__", ""), ("about", about), ("channel", _CHANNEL.format(name=name))):
            (package / f"{module}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        entry_points.append(f"{name} = {package.name}")
    metadata = folder / "channels_of_the_tests-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: channels-of-the-tests\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("\n".join(entry_points))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        channel_types.cache_clear()
        try:
            yield
        finally:
            channel_types.cache_clear()
