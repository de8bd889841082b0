"""Letters, what they speak of, their deliveries and those made void: all of it only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The types as they were when this schema was made; the models go on changing.
CODE = sa.String(18).with_variant(sa.String(40, collation="C"), "postgresql")


def _sealed(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["seal"], ["seals.number"], name=f"fk_{table}_seal", deferrable=True,
                                   initially="DEFERRED")


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("comply_by", sa.Date()),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_letters"),
        sa.UniqueConstraint("prefix", "year", "serial", name="uq_letters_prefix"),
        _sealed("letters"),
    )
    op.create_index("ix_letters_uscc", "letters", ["uscc"])
    op.create_table(
        "letter_items",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ladder", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", "place", name="pk_letter_items"),
        sa.ForeignKeyConstraint(["number"], ["letters.number"], name="fk_letter_items_number"),
        _sealed("letter_items"),
    )
    op.create_index("ix_letter_items_about", "letter_items", ["uscc", "duty", "key"])
    op.create_table(
        "deliveries",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("how", sa.String()),
        sa.Column("because", sa.String()),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", "place", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["number"], ["letters.number"], name="fk_deliveries_number"),
        _sealed("deliveries"),
    )
    op.create_table(
        "letter_voids",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("void_on", sa.Date(), nullable=False),
        sa.Column("void_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_letter_voids"),
        sa.ForeignKeyConstraint(["number"], ["letters.number"], name="fk_letter_voids_number"),
        _sealed("letter_voids"),
    )
