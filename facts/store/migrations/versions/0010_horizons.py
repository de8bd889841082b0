"""Until when what a sweep recorded of an enterprise stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The types as they were when this schema was made; the models go on changing.
CODE = sa.String(18).with_variant(sa.String(40, collation="C"), "postgresql")


def upgrade() -> None:
    verdicts = ("fulfilled", "pending", "due_soon", "unknown", "violated", "made_up", "waived")
    op.create_table(
        "horizons",
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("subject", sa.String()),
        *(sa.Column(verdict, sa.Integer(), nullable=False) for verdict in verdicts),
        sa.PrimaryKeyConstraint("uscc", name="pk_horizons"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_horizons_until", "horizons", ["until"])
