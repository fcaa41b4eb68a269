"""The live feed: an ASGI service beside the pages that hands streams of events to whoever they belong to.

``door`` says who may listen, ``feeds`` tells them what is new, ``application`` has the addresses, and
``serving`` runs it.
"""
