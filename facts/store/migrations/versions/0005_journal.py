"""The journal: seals and the entries below them; the texts of packs by their hash; what stories of outcomes need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The types as they were when this schema was made; the models go on changing.
CODE = sa.String(18).with_variant(sa.String(40, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "seals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author", sa.String()),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_seals"),
        sa.UniqueConstraint("hash", name="uq_seals_hash"),
    )
    op.create_table(
        "entries",
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("uscc", "place", name="pk_entries"),
        sa.ForeignKeyConstraint(["seal"], ["seals.number"], name="fk_entries_seal", deferrable=True,
                                initially="DEFERRED"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entries_seal", "entries", ["seal", "uscc"])
    op.create_table(
        "pack_texts",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_pack_texts"),
    )
    op.add_column("violations", sa.Column("joined", sa.Text()))
    op.add_column("violations", sa.Column("excused", sa.Text()))
    op.add_column("recommendations", sa.Column("past", sa.Text()))
    op.add_column("recommendations", sa.Column("expires_on", sa.Date()))
