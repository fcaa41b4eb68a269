"""Import and export of preferences as TOML or JSON files."""
