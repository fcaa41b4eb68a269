"""Sends notifications to pagers, through a server on this machine."""
