"""Facts as statements of revisions, and what sweeps conclude from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The types as they were when this schema was made; the models go on changing.
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
DECIMAL = sa.Numeric(18, 6).with_variant(sa.String(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

CURRENT, PAST = sa.text("removed_in IS NULL"), sa.text("removed_in IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String()),
        sa.Column("sha256", sa.String()),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.ForeignKeyConstraint(["undoes"], ["revisions.id"], name="fk_revisions_undoes"),
        sa.UniqueConstraint("undoes", name="uq_revisions_undoes"),
    )
    _statements(
        "enterprises",
        ("uscc", "valid_from"),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("division", sa.String(6)),
        sa.Column("sectors", sa.Text()),
        sa.Column("industry_code", sa.String()),
        sa.Column("headcount", sa.Integer()),
        sa.Column("dust_workers", sa.Integer()),
        sa.Column("safety_officers", sa.Integer()),
        sa.Column("safety_department", sa.Boolean()),
        sa.Column("uses_gas", sa.Boolean()),
        sa.Column("gas_alarm", sa.Boolean()),
        sa.Column("high_risk", sa.Boolean()),
        sa.Column("labor_intensive", sa.Boolean()),
        sa.Column("plant_in_plant", sa.Boolean()),
        sa.Column("above_limit", sa.Boolean()),
        sa.Column("standardization", sa.String()),
        sa.Column("registered_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("suspended", sa.Boolean()),
        sa.Column("history_from", sa.Date()),
        sa.Column("last_drill", sa.String(10)),
        sa.Column("last_leadership_inspection", sa.String(10)),
        sa.Column("declared", sa.Text(), nullable=False),
    )
    _statements(
        "records",
        ("uscc", "kind", "date"),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", DECIMAL),
        sa.Column("topic", sa.String()),
        sa.Column("evidence", sa.String()),
    )
    _statements(
        "hazards",
        ("hazard_id",),
        sa.Column("hazard_id", sa.String(), nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("level", sa.String()),
        sa.Column("description", sa.String()),
        sa.Column("source", sa.String()),
        sa.Column("found_on", sa.Date()),
        sa.Column("reported_on", sa.Date()),
        sa.Column("deadline", sa.Date()),
        sa.Column("rectified_on", sa.Date()),
        sa.Column("refused_on", sa.Date()),
        sa.Column("adverse_impact", sa.Boolean()),
        sa.Column("penalized_on", sa.Date()),
    )
    _statements(
        "accidents",
        ("accident_id",),
        sa.Column("accident_id", sa.String(), nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("occurred_on", sa.Date()),
        sa.Column("deaths", sa.Integer()),
        sa.Column("serious_injuries", sa.Integer()),
        sa.Column("direct_loss", DECIMAL),
        sa.Column("responsible", sa.Boolean()),
        sa.Column("penalized_on", sa.Date()),
    )
    _statements(
        "exhibitions",
        ("exhibition_id",),
        sa.Column("exhibition_id", sa.String(), nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("opens_on", sa.Date()),
        sa.Column("expected_attendance", sa.Integer()),
        sa.Column("emergency_plan_on", sa.Date()),
        sa.Column("safety_plan_on", sa.Date()),
        sa.Column("permit_applied_on", sa.Date()),
        sa.Column("police_permit_on", sa.Date()),
    )
    _statements(
        "coverage",
        ("kind", "division", "complete_from"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("division", sa.String(6), nullable=False),
        sa.Column("complete_from", sa.Date(), nullable=False),
        sa.Column("complete_to", sa.Date()),
        by_enterprise=False,
    )
    _statements(
        "certificates",
        ("certificate_id",),
        sa.Column("certificate_id", sa.String(), nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("trade", sa.String()),
        sa.Column("expires_on", sa.Date()),
        sa.Column("renewed_on", sa.Date()),
    )
    _outcomes()


def _statements(table: str, key: tuple[str, ...], *columns: sa.Column, by_enterprise: bool = True) -> None:
    op.create_table(
        table,
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("stated_in", sa.Integer(), nullable=False),
        sa.Column("added_in", sa.Integer(), nullable=False),
        sa.Column("removed_in", sa.Integer()),
        sa.Column("void", sa.Boolean(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *(
            sa.ForeignKeyConstraint([column], ["revisions.id"], name=f"fk_{table}_{column}")
            for column in ("stated_in", "added_in", "removed_in")
        ),
    )

    def index(name: str, *names: str, where: sa.TextClause | None = None, unique: bool = False) -> None:
        partial = {} if where is None else {"sqlite_where": where, "postgresql_where": where}
        op.create_index(f"ix_{table}_{name}", table, list(names), unique=unique, **partial)

    index("current", *key, where=CURRENT, unique=True)
    index("past", *key, where=PAST)
    if by_enterprise and key[0] != "uscc":
        index("current_uscc", "uscc", where=CURRENT)
        index("past_uscc", "uscc", where=PAST)
    index("added", "added_in")
    index("removed", "removed_in", where=PAST)


def _outcomes() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("rulebook", sa.String(), nullable=False),
        sa.Column("packs", sa.Text(), nullable=False),
        sa.Column("known_in", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_sweeps"),
    )
    op.create_index("ix_sweeps_as_of", "sweeps", ["as_of"])
    op.create_table(
        "obligations",
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date()),
        sa.Column("due_on", sa.Date()),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("required", sa.Integer()),
        sa.Column("done", sa.Integer()),
        sa.Column("fulfilled_on", sa.Date()),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("covered", sa.Boolean()),
        sa.PrimaryKeyConstraint("uscc", "duty", "key", name="pk_obligations"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_obligations_due_on", "obligations", ["due_on"])
    op.create_table(
        "violations",
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("withdrawn_on", sa.Date()),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("first_swept", sa.Integer(), nullable=False),
        sa.Column("last_swept", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uscc", "duty", "key", name="pk_violations"),
        sa.ForeignKeyConstraint(["first_swept"], ["sweeps.id"], name="fk_violations_first_swept"),
        sa.ForeignKeyConstraint(["last_swept"], ["sweeps.id"], name="fk_violations_last_swept"),
        sqlite_with_rowid=False,
    )
    is_open = sa.text("status = 'open'")
    op.create_index(
        "ix_violations_open", "violations", ["duty", "uscc"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "recommendations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("uscc", CODE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("withdrawn_on", sa.Date()),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("first_swept", sa.Integer(), nullable=False),
        sa.Column("last_swept", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recommendations"),
        sa.ForeignKeyConstraint(["first_swept"], ["sweeps.id"], name="fk_recommendations_first_swept"),
        sa.ForeignKeyConstraint(["last_swept"], ["sweeps.id"], name="fk_recommendations_last_swept"),
    )
    op.create_index("ix_recommendations_uscc", "recommendations", ["uscc"])
