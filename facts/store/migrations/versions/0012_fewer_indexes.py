"""Two indexes go. Nobody asks for obligations by day, and who asks for steps by day wants nearly all of them.

Each made entering a sweep's rows slower, and the database larger.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_obligations_due_on", "obligations")
    op.drop_index("ix_steps_issued_on", "steps")
