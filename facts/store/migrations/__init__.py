"""Alembic's script folder: one file a change of schema, run by ``zhiben db upgrade``."""
