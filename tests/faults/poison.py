"""An application of somebody else, of what our made-up events call waterworks: it raises whatever comes."""

from __future__ import annotations

from pathlib import Path

MODULE = '''from fmn.catalog import Application, EventType
from fmn.catalog.events import sample


class Broken(EventType):
    """A tap, of which nothing can be told."""

    topics = ("waterworks.tap.*",)
    example_topic = "waterworks.tap.seven"
    title = "Tap"
    says = "Something about a tap"
    example = sample(tap=7)

    def agent(self, m):
        raise RuntimeError("this application is broken")

    usernames = packages = words = link = agent


APPLICATION = Application(
    category="waterworks", title="Waterworks", help="Taps.", icon="https://waterworks.example.org/tap.png",
    topic_prefix="org.example", other=Broken, events=(Broken,))
'''
METADATA = "Metadata-Version: 2.1\nName: fmn-waterworks\nVersion: 1\n"
ENTRY_POINTS = "[fmn.catalog]\nwaterworks = fmn_waterworks\n"


def installed(folder: Path) -> Path:
    """Write it to a folder, as pip would install it; returns the folder."""
    about = folder / "fmn_waterworks-1.dist-info"
    about.mkdir(parents=True)
    (folder / "fmn_waterworks.py").write_text(MODULE)
    (about / "METADATA").write_text(METADATA)
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    return folder
