"""Authorities, whose codes are longer than credit codes, and amounts: a way to those of records, and sums of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The types as they were when this schema was made; the models go on changing.
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")

AMOUNT = sa.String().with_variant(sa.Numeric(18, 6), "postgresql")

CURRENT, PAST = sa.text("removed_in IS NULL"), sa.text("removed_in IS NOT NULL")
#: Where codes of enterprises, and by now of authorities, stand.
CODED = ("enterprises", "records", "hazards", "accidents", "exhibitions", "certificates",
         "obligations", "violations", "recommendations")  # fmt: skip
WITH_AMOUNT = sa.text("removed_in IS NULL AND amount IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "authorities",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("stated_in", sa.Integer(), nullable=False),
        sa.Column("added_in", sa.Integer(), nullable=False),
        sa.Column("removed_in", sa.Integer()),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("division", sa.String(6)),
        sa.Column("kind", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_authorities"),
        *(
            sa.ForeignKeyConstraint([column], ["revisions.id"], name=f"fk_authorities_{column}")
            for column in ("stated_in", "added_in", "removed_in")
        ),
    )
    _index("current", "code", where=CURRENT, unique=True)
    _index("past", "code", where=PAST)
    _index("added", "added_in")
    _index("removed", "removed_in", where=PAST)
    op.create_index(
        "ix_records_amounts", "records", ["uscc"], sqlite_where=WITH_AMOUNT, postgresql_where=WITH_AMOUNT
    )
    # SQLite holds no text to a declared length, and would have to copy whole tables to declare another.
    if op.get_context().dialect.name == "postgresql":
        for table in CODED:
            op.alter_column(table, "uscc", type_=sa.String(40, collation="C"), existing_nullable=False)
        op.alter_column("obligations", "done", type_=AMOUNT, existing_nullable=True)
    else:
        _obligations_with_amounts()


def _obligations_with_amounts() -> None:
    """SQLite would keep a decimal number in the old column as a float; the table holds current obligations only."""
    op.drop_index("ix_obligations_due_on", "obligations")
    op.rename_table("obligations", "obligations_before")
    op.create_table(
        "obligations",
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date()),
        sa.Column("due_on", sa.Date()),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("required", sa.Integer()),
        sa.Column("done", AMOUNT),
        sa.Column("fulfilled_on", sa.Date()),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("covered", sa.Boolean()),
        sa.PrimaryKeyConstraint("uscc", "duty", "key", name="pk_obligations"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_obligations_due_on", "obligations", ["due_on"])
    op.execute("INSERT INTO obligations SELECT * FROM obligations_before")
    op.drop_table("obligations_before")


def _index(name: str, column: str, *, where: sa.TextClause | None = None, unique: bool = False) -> None:
    partial = {} if where is None else {"sqlite_where": where, "postgresql_where": where}
    op.create_index(f"ix_authorities_{name}", "authorities", [column], unique=unique, **partial)
