"""Configuration checks of ``fmn config check``: settings, files and servers, without changing anything.

``settings`` checks values, ``files`` this host; each other module connects to a server, and logs in where
that's needed. Channels bring their own checks, see :class:`fmn.channels.ChannelCheck`.
"""
