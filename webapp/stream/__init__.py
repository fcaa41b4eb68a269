"""Live feed: an ASGI service that sends people their notifications as Server-Sent Events.

``authentication`` checks who may connect, ``broadcaster`` distributes new events, ``application`` has the
routes, and ``serving`` runs the server.
"""
