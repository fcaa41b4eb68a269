"""The check-up: whether the settings work, as far as one can tell without changing anything.

``sense`` looks at the settings alone, ``files`` at this host, all other modules ask a server each. Nothing is
declared, written or sent; what one has to log in for is logged in for.
"""
