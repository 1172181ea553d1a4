"""When a person was told that an outcome could not be shown."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the time; whoever had such an outcome before has not been told, and will be."""
    op.add_column("jobs", sa.Column("told_at", sa.Float))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("jobs", "told_at")
