"""fedmsg's wire format: validates received messages and signs published ones.

The facts come from a description of fedmsg 1.1.7; modules name those they use.
"""
