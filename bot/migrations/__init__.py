"""The database's versions. Alembic, configured in code, so that one transaction carries all revisions or none."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.errors import StartupError


def migrate(connection: Connection) -> None:
    """Bring the database to the newest version, inside the transaction that `connection` is in.

    Raises:
        StartupError: the database was made by a newer Easel.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in scripts.walk_revisions()}
    if unknown := set(current) - known:
        raise StartupError(
            f"DATABASE_URL: this database was made by a newer Easel (version {', '.join(sorted(unknown))}); "
            "update Easel, or choose another file"
        )

    def upgrade(revision: object, _context: MigrationContext) -> object:
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]  # noqa: SLF001

    with EnvironmentContext(config, scripts, fn=upgrade) as environment:
        environment.configure(connection=connection)
        with environment.begin_transaction():
            environment.run_migrations()
