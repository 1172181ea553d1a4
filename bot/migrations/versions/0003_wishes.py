"""Requests made in words; masks, sizes and spoilers; drafts, people's usual choices, hints; uploads worth reusing."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ASSUMED_LIFETIME = 23 * 3600  # seconds that an upload was taken to live when this was written


def upgrade() -> None:
    """Widen what is known of jobs and references, and make the new tables."""
    op.add_column("jobs", sa.Column("origin", sa.String(16), nullable=False, server_default="interaction"))
    op.add_column("jobs", sa.Column("spoiler", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_jobs_response_message_id", "jobs", ["response_message_id"])
    op.add_column("references", sa.Column("role", sa.String(16), nullable=False, server_default="picture"))
    op.add_column("references", sa.Column("width", sa.Integer))
    op.add_column("references", sa.Column("height", sa.Integer))
    op.add_column("references", sa.Column("reduced", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("references", sa.Column("uploaded_until", sa.Float))
    op.execute(f'UPDATE "references" SET uploaded_until = uploaded_at + {_ASSUMED_LIFETIME}')  # noqa: S608 - a number
    op.drop_column("references", "uploaded_at")
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_created_at", "drafts", ["created_at"])
    op.create_table(
        "preferences",
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("ratio", sa.Text),
        sa.Column("resolution", sa.Text),
        sa.Column("private", sa.Boolean),
        sa.PrimaryKeyConstraint("user_id", name="pk_preferences"),
    )
    op.create_table(
        "hints",
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "channel_id", name="pk_hints"),
    )
    op.create_table(
        "uploads",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("reduced", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_uploads"),
    )
    op.create_index("ix_uploads_until", "uploads", ["until"])


def downgrade() -> None:
    """Take it all away again."""
    for table in ("uploads", "hints", "preferences", "drafts"):
        op.drop_table(table)
    op.add_column("references", sa.Column("uploaded_at", sa.Float))
    op.execute(f'UPDATE "references" SET uploaded_at = uploaded_until - {_ASSUMED_LIFETIME}')  # noqa: S608 - a number
    for column in ("uploaded_until", "reduced", "height", "width", "role"):
        op.drop_column("references", column)
    for column in ("spoiler", "origin"):
        op.drop_column("jobs", column)
