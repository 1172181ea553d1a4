"""What is written of an allowance and of what the gateway charged."""

import sqlite3

from tests.workshop import Workshop


def charges(shop: Workshop) -> list[tuple[str, int]]:
    with sqlite3.connect(shop.folder / "easel.db") as connection:
        rows = connection.execute("SELECT event, pictures FROM charges ORDER BY id").fetchall()
    connection.close()
    return rows


async def used(shop: Workshop) -> int:
    return (await shop.services.engine.usage(1)).images
