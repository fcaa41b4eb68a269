"""Pages of packages, people, groups and applications, and links to them."""
