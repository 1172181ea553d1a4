"""Who may hold statements, and that nothing of what runs in a transaction reaches a network."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
OWNERS = {
    "bot/jobs/store.py",
    "bot/jobs/cancelling.py",
    "bot/jobs/records.py",
    "bot/jobs/rows.py",
    "bot/jobs/hints.py",
    "bot/jobs/preferences.py",
    "bot/jobs/drafts.py",
    "bot/jobs/uploads.py",
    "bot/jobs/tokens.py",
    "bot/limits.py",
    "bot/backup.py",
    "bot/database.py",
    "bot/whole_statements.py",
    "bot/tables.py",
}
"""The modules that hold statements."""
NO_STATEMENTS = {"bot/config.py", "bot/database_trouble.py"}
"""Those that only read an address of a database, or the numbers of its errors."""


def test_only_the_modules_that_own_tables_hold_statements() -> None:
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")]:
        name = path.relative_to(ROOT).as_posix()
        if name in OWNERS | NO_STATEMENTS or name.startswith("bot/migrations/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                assert not any(
                    module.partition(".")[0] in {"sqlalchemy", "aiosqlite", "sqlite3"} for module in imported
                ), name
            if isinstance(node, ast.Attribute):
                assert node.attr != "transaction", f"{name} opens a transaction"


NETWORK = {"aiohttp", "discord", "http", "socket", "ssl", "urllib", "yarl"}
OUR_NETWORK = {"bot.toapis.client", "bot.download", "bot.jobs.ports"}


def test_what_runs_inside_a_transaction_cannot_reach_a_network() -> None:
    for name in OWNERS:
        imported: set[str] = set()
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
        assert not imported & OUR_NETWORK, name
        assert not {module.partition(".")[0] for module in imported} & NETWORK, name
