"""What goes wrong in years, one thing after the other, and a table of what came of each."""
