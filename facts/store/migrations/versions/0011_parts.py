"""Sweeps whose judging is shared out among machines, and the parts that these set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shared_sweeps",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shared_sweeps"),
    )
    op.create_table(
        "parts",
        sa.Column("sweep", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("share", sa.Text(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String()),
        sa.Column("content", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("sweep", "number", name="pk_parts"),
        sa.ForeignKeyConstraint(["sweep"], ["shared_sweeps.id"], name="fk_parts_sweep"),
    )
