"""Steps of escalation: which a sweep first found issued, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The types as they were when this schema was made; the models go on changing.
CODE = sa.String(18).with_variant(sa.String(40, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "steps",
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ladder", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("first_swept", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uscc", "duty", "key", "ladder", "level", name="pk_steps"),
        sa.ForeignKeyConstraint(["first_swept"], ["sweeps.id"], name="fk_steps_first_swept"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_steps_issued_on", "steps", ["issued_on"])
