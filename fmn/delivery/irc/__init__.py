"""The IRC channel: ``formatter`` makes lines, ``irc_session`` sends them."""
