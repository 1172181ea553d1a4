"""What people usually want, where they do not say: every statement about it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.database import Database
from bot.toapis.typed import Usual


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """A person's usual choices; None: nothing of their own.

    Attributes:
        model: the gateway's id of a model.
        ratio: such as "16:9".
        resolution: such as "2K".
        private: whether only they see what they ask for.
    """

    model: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    private: bool | None = None

    @property
    def usual(self) -> Usual:
        """What holds for a request where nothing is said."""
        return Usual(model=self.model, ratio=self.ratio, resolution=self.resolution)


class PreferenceStore:
    """Everybody's usual choices in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user_id: int) -> Preferences:
        """The person's choices, all None if they never made any."""
        return await self._database.read(lambda connection: _read(connection, user_id))

    async def keep(self, user_id: int, preferences: Preferences) -> None:
        """Write the person's choices in place of what they were."""
        await self.change(user_id, lambda _: preferences)

    async def change(self, user_id: int, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Write what `change` makes of the person's choices. Returns them; what it raises changes nothing."""

        async def work(connection: AsyncConnection) -> Preferences:
            changed = change(await _read(connection, user_id))
            await connection.execute(delete(tables.preferences).where(tables.preferences.c.user_id == user_id))
            await connection.execute(insert(tables.preferences).values(user_id=user_id, **asdict(changed)))
            return changed

        return await self._database.transaction(work)


async def _read(connection: AsyncConnection, user_id: int) -> Preferences:
    columns = tables.preferences.c
    statement = select(columns.model, columns.ratio, columns.resolution, columns.private).where(
        columns.user_id == user_id
    )
    row = (await connection.execute(statement)).mappings().first()
    return Preferences(**row) if row is not None else Preferences()
