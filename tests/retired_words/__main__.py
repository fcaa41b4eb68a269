"""Prints each place where a retired word stands, with its replacement, and exits with 1 if there is one."""

import sys
from pathlib import Path

from tests.retired_words.checking import LIST, find_retired, read_list


def main(project: Path) -> int:
    """How many places there are is the exit status: 0, or 1 for any."""
    places = list(find_retired(project, read_list(LIST)))
    for place in places:
        print(place)  # noqa: T201 - its output is its purpose
    return 1 if places else 0


sys.exit(main(Path.cwd()))
