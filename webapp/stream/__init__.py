"""The live feed: an ASGI service beside the pages that hands streams of events to whoever they belong to.

``authentication`` says who may listen, ``broadcaster`` tells them what is new, ``application`` has the
addresses, and ``serving`` runs it.
"""
