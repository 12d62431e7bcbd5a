"""The SDL in Python: shape, descriptions, permissions. No logic. One file a noun."""
