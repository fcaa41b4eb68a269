"""Egress guard: connections to users' destinations reach public and allowed networks only."""
