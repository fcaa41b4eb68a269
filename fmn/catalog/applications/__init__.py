"""One module per application; each has an ``APPLICATION``."""
