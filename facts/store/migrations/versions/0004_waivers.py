"""Waivers, and what ended some of them before their time: both only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The types as they were when this schema was made; the models go on changing.
CODE = sa.String(18).with_variant(sa.String(40, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "waivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("key", sa.String()),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("retroactive", sa.String()),
        sa.Column("replaces", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_waivers"),
        sa.ForeignKeyConstraint(["replaces"], ["waivers.id"], name="fk_waivers_replaces"),
        sa.UniqueConstraint("replaces", name="uq_waivers_replaces"),
    )
    op.create_index("ix_waivers_uscc", "waivers", ["uscc"])
    op.create_table(
        "waiver_endings",
        sa.Column("waiver", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("waiver", name="pk_waiver_endings"),
        sa.ForeignKeyConstraint(["waiver"], ["waivers.id"], name="fk_waiver_endings_waiver"),
    )
