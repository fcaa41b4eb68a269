"""fedmsg on the wire: what arrives is checked and becomes a message, what we publish is signed.

The format's facts come from a description of fedmsg 1.1.7; modules name what they rest on.
"""
