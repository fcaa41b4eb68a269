"""An application of somebody else, of what our made-up events call waterworks: it raises whatever comes.

Where there's an empty file ``deadly`` beside it, the first message from then on is deadly: whoever reads it
is killed, each time, as long as the file is there.
"""

from __future__ import annotations

from pathlib import Path

MODULE = '''import os
import signal
from pathlib import Path

from fmn.catalog import Application, EventType
from fmn.catalog.events import sample

DEADLY = Path(__file__).with_name("deadly")


class Broken(EventType):
    """A tap, of which nothing can be told."""

    topics = ("waterworks.tap.*",)
    example_topic = "waterworks.tap.seven"
    title = "Tap"
    summary_template = "Something about a tap"
    example = sample(tap=7)

    def agent(self, m):
        if DEADLY.exists():
            name = m.topic
            if not DEADLY.read_text():
                DEADLY.write_text(name)
            if DEADLY.read_text() == name:
                os.kill(os.getpid(), signal.SIGKILL)
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
