"""Pages about filters: the list, and the editor with its drafts and previews."""
