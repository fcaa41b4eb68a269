"""Spool: buffers received messages in order until the database stores them."""
