"""Matrix, chat and push services, reached through Apprise by a URL that each person has for theirs."""
