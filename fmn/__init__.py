"""FMN tells each contributor of a software project what on its message bus concerns them."""

import atexit
import gc

# The catalogue, models and settings are some 250,000 objects that live as long as the process: nothing is
# searched for garbage until they're made, which would take a tenth of a start. Processes that go on for long
# call fmn.infra.garbage_collection.exempt_imports then.
gc.set_threshold(300_000)

# Python's last collection, and taking everything apart, would take half as long as the imports. The system
# takes a process's memory back as a whole.
atexit.register(gc.freeze)
