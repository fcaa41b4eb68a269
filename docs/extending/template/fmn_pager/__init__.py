"""Tells people by pager, through a server on this machine."""
