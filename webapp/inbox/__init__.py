"""What the inbox shows of notifications, as a page and as a feed, and how it is searched."""
