"""Preferences as a file: written, read, compared with what there is, and put in its place."""
