"""Web hooks: notifications as signed JSON, sent to a person's own server. See docs/reference/webhooks."""
