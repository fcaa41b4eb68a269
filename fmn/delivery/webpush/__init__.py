"""Web Push: notifications in people's browsers, also while FMN isn't open (RFC 8030, 8291 and 8292)."""
