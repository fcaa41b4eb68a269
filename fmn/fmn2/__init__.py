"""Import from FMN 2: reads its database and recreates people's preferences here."""
