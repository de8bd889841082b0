"""The changes of schema, in the order of their numbers."""
