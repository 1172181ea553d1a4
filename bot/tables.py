"""The tables, as SQLAlchemy Core sees them. Alembic's revisions make them; a test compares the two.

Times are Unix seconds; states are the words of `bot.jobs.job`; JSON columns hold what a dataclass's `to_json` gives.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("interaction_id", BigInteger, nullable=False),
    Column("application_id", BigInteger, nullable=False),
    Column("token", Text),
    Column("token_expires_at", Float, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("route", String(16), nullable=False),
    Column("channel_limit", BigInteger, nullable=False),
    Column("response_limit", BigInteger, nullable=False),
    Column("request", JSON, nullable=False),
    Column("parent", String(20), ForeignKey("jobs.id")),
    Column("response_message_id", BigInteger),
    Column("delivering_route", String(16)),
    Column("delivering_at", Float),
    Column("uncertain", Boolean, nullable=False),
    Column("message_id", BigInteger),
    Column("message_channel_id", BigInteger),
    Column("failure", JSON(none_as_null=True)),
    Column("finished_at", Float),
    Column("tidied", Boolean, nullable=False),
    Column("deleted_at", Float),
    Column("told_at", Float),  # when the person was told that the outcome could not be shown
    Column("origin", String(16), nullable=False, server_default="interaction"),
    Column("spoiler", Boolean, nullable=False, server_default=false()),
    # A replayed event finds its row (a request in words is held by its message's id); one message, one outcome.
    UniqueConstraint("interaction_id"),
    UniqueConstraint("message_id"),
    Index(None, "user_id", "created_at"),
    Index(None, "state"),
    Index(None, "created_at"),
    Index(None, "response_message_id"),
)

references = Table(
    "references",
    metadata,
    Column("job_id", String(20), ForeignKey("jobs.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("source_url", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("uploaded_url", Text),
    Column("role", String(16), nullable=False, server_default="picture"),
    Column("width", Integer),
    Column("height", Integer),
    Column("reduced", Boolean, nullable=False, server_default=false()),
    Column("uploaded_until", Float),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("job_id", String(20), ForeignKey("jobs.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("model", Text, nullable=False),
    Column("resolution", Text),
    Column("wanted", Integer, nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("submits", Integer, nullable=False),
    Column("submitting_at", Float),
    Column("ask_id", Text),
    Column("submitted_at", Float),
    Column("finished_at", Float),
    Column("seconds", Float),  # from submit to result, as the gateway reckons
    Column("result_urls", JSON, nullable=False),
    Column("result_expires_at", Float),
    Column("failure", JSON(none_as_null=True)),
    Index(None, "job_id"),
    Index(None, "state"),
)

# The second book: what the gateway did, as far as we know, one line per event, never corrected on our word.
charges = Table(
    "charges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task_id", String(24), ForeignKey("tasks.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("event", String(16), nullable=False),  # accepted | refunded | unclear
    Column("pictures", Integer, nullable=False),
    Column("gateway_id", Text),
    Index(None, "task_id"),
)

# One row per limited subject: locked before its allowance is counted, where the database has no single writer.
subjects = Table("subjects", metadata, Column("name", String(40), primary_key=True))

# Small things worth remembering over a restart, e.g. which commands Discord was told of.
notes = Table("notes", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

# Forms that were sent and can be opened again, with the pictures that came with them.
drafts = Table(
    "drafts",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("content", JSON, nullable=False),
    Index(None, "created_at"),
)

# What people usually want, where they do not say; null: nothing of their own.
preferences = Table(
    "preferences",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("model", Text),
    Column("ratio", Text),
    Column("resolution", Text),
    Column("private", Boolean),
)

# When a person was last pointed to the message's menu in a channel.
hints = Table(
    "hints",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
)

# Copies at the gateway by the SHA-256 of what was sent to us, for as long as they surely live.
uploads = Table(
    "uploads",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("until", Float, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("reduced", Boolean, nullable=False),
    Index(None, "until"),
)
