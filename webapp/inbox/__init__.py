"""The inbox as a page and as a feed: items, delivery statuses, search form."""
