"""Jobs, their references and tasks, the gateway's charges, limited subjects, notes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("interaction_id", sa.BigInteger, nullable=False),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("token_expires_at", sa.Float, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("route", sa.String(16), nullable=False),
        sa.Column("channel_limit", sa.BigInteger, nullable=False),
        sa.Column("response_limit", sa.BigInteger, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("parent", sa.String(20)),
        sa.Column("response_message_id", sa.BigInteger),
        sa.Column("delivering_route", sa.String(16)),
        sa.Column("delivering_at", sa.Float),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("message_channel_id", sa.BigInteger),
        sa.Column("failure", sa.JSON),
        sa.Column("finished_at", sa.Float),
        sa.Column("tidied", sa.Boolean, nullable=False),
        sa.Column("deleted_at", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.ForeignKeyConstraint(["parent"], ["jobs.id"], name="fk_jobs_parent"),
        sa.UniqueConstraint("interaction_id", name="uq_jobs_interaction_id"),
        sa.UniqueConstraint("message_id", name="uq_jobs_message_id"),
    )
    op.create_index("ix_jobs_user_id_created_at", "jobs", ["user_id", "created_at"])
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"])
    op.create_table(
        "references",
        sa.Column("job_id", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("source_url", sa.Text, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("uploaded_url", sa.Text),
        sa.Column("uploaded_at", sa.Float),
        sa.PrimaryKeyConstraint("job_id", "position", name="pk_references"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_references_job_id"),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("job_id", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("resolution", sa.Text),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("pictures", sa.Integer, nullable=False),
        sa.Column("submits", sa.Integer, nullable=False),
        sa.Column("submitting_at", sa.Float),
        sa.Column("ask_id", sa.Text),
        sa.Column("submitted_at", sa.Float),
        sa.Column("finished_at", sa.Float),
        sa.Column("seconds", sa.Float),
        sa.Column("result_urls", sa.JSON, nullable=False),
        sa.Column("result_expires_at", sa.Float),
        sa.Column("failure", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_tasks_job_id"),
    )
    op.create_index("ix_tasks_job_id", "tasks", ["job_id"])
    op.create_index("ix_tasks_state", "tasks", ["state"])
    op.create_table(
        "charges",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("task_id", sa.String(24), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("pictures", sa.Integer, nullable=False),
        sa.Column("gateway_id", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_charges"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_charges_task_id"),
    )
    op.create_index("ix_charges_task_id", "charges", ["task_id"])
    op.create_table(
        "subjects",
        sa.Column("name", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_subjects"),
    )
    op.create_table(
        "notes",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_notes"),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("notes", "subjects", "charges", "tasks", "references", "jobs"):
        op.drop_table(table)
