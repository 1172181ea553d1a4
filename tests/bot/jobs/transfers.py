"""Jobs with references, and what was transferred for them."""

import sqlite3

from bot.jobs.job import Job
from bot.jobs.order import Reference
from tests.orders import NANO_BANANA_PRO, place
from tests.workshop import Workshop

UPLOAD = "/uploads/images"
SUBMIT = "/images/generations"
NO_PICTURE = b"<html>sorry</html>"


def cached(shop: Workshop) -> set[str]:
    """The addresses of the copies that are kept for use again."""
    with sqlite3.connect(shop.folder / "easel.db") as connection:
        rows = connection.execute("SELECT url FROM uploads").fetchall()
    connection.close()
    return {url for (url,) in rows}


async def painted(shop: Workshop, *references: Reference, model: str = NANO_BANANA_PRO) -> Job:
    """A job with these references, at its end."""
    return await shop.ended(await shop.accept(model=model, references=references))


async def again(shop: Workshop, job: Job) -> Job:
    """The same once more, at its end."""
    accepted = await shop.services.engine.again(job.id, place())
    await shop.acknowledge(accepted)
    return await shop.ended(accepted.job)


def asked_for(shop: Workshop, route: str) -> int:
    return len(shop.gateway.record.matching("POST", route))
