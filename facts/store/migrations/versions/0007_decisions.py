"""What people decided on recommendations: only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The types as they were when this schema was made; the models go on changing.
CODE = sa.String(18).with_variant(sa.String(40, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("recommendation", sa.String(), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("competent", sa.Text(), nullable=False),
        sa.Column("assumptions", sa.Text(), nullable=False),
        sa.Column("object_until", sa.Date()),
        sa.Column("expires_on", sa.Date()),
        sa.Column("removable_from", sa.Date()),
        sa.Column("waives", sa.String()),
        sa.Column("answers", sa.Integer()),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "place", name="pk_decisions"),
        sa.ForeignKeyConstraint(["seal"], ["seals.number"], name="fk_decisions_seal", deferrable=True,
                                initially="DEFERRED"),
    )
    op.create_index("ix_decisions_uscc", "decisions", ["uscc"])
