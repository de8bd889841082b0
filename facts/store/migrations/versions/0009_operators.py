"""Who may do what: operators, only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operators",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String()),
        sa.Column("token_id", sa.String()),
        sa.Column("token_hash", sa.String()),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "place", name="pk_operators"),
        sa.ForeignKeyConstraint(["seal"], ["seals.number"], name="fk_operators_seal", deferrable=True,
                                initially="DEFERRED"),
        sa.UniqueConstraint("seal", name="uq_operators_seal"),
    )
