"""FMN tells each contributor of a software project what on its message bus concerns them."""

import atexit
import gc

# The catalogue, models and settings are some 100,000 objects that live as long as the process. Python's
# default of 700 new objects between two collections looks through them again and again at each start, which
# takes a tenth of it.
gc.set_threshold(50_000)

# Python's last collection, and taking everything apart, would take half as long as the imports. The system
# takes a process's memory back as a whole.
atexit.register(gc.freeze)
