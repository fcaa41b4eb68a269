"""Real servers for tests: private ones on free loopback ports, which end when the tests do.

Each has ``start``, ``stop`` (orderly) and ``kill`` (as a crash would), as often as a test likes, and
keeps its port all the time. Several instances run side by side. Linux only, as FMN itself.
"""
