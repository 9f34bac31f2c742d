"""The media types of bodies that are JSON."""

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
"""A change: attributes as they shall be, null for those that shall go (RFC 7396)."""
