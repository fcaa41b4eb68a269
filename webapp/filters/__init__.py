"""What the pages about filters show and read: lists of them, the editor, its drafts and previews."""
