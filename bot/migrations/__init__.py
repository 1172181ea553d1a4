"""The database's versions. Alembic, configured in code, so that one transaction carries all revisions or none."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.errors import EXIT_SETTINGS, StartupError


def outdated(connection: Connection) -> str | None:
    """The revision of a database that `migrate` would change; None: it is new, or up to date.

    Raises:
        StartupError: the database was made by a newer Easel.
    """
    current = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in _scripts().walk_revisions()}
    if unknown := set(current) - known:
        raise StartupError(
            f"DATABASE_URL: this database was made by a newer Easel (version {', '.join(sorted(unknown))}); "
            "update Easel, or choose another file",
            exit_code=EXIT_SETTINGS,
        )
    return "+".join(current) if current and set(current) != set(_scripts().get_heads()) else None


def migrate(connection: Connection) -> None:
    """Bring the database to the newest version, inside the transaction that `connection` is in."""
    scripts = _scripts()

    def upgrade(revision: object, _context: MigrationContext) -> object:
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]  # noqa: SLF001

    with EnvironmentContext(_config(), scripts, fn=upgrade) as environment:
        environment.configure(connection=connection)
        with environment.begin_transaction():
            environment.run_migrations()


@cache
def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
