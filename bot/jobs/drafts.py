"""Forms that were sent, and what is kept of one that was refused: every statement about them.

Each form on somebody's screen has a draft of its own. It is claimed by the first submit of that form, so that a form
which is sent twice, because its answer was lost on the way, is not painted twice.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.clock import Clock
from bot.database import Database
from bot.jobs.order import Reference, pictures_among
from bot.toapis.schema import ImageRequest

DRAFT_LIFETIME = 7 * 86_400.0  # seconds; the pictures in it can be fetched for about a day only


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a form is filled in with, and what goes with it that the form does not show.

    Attributes:
        id: as `new_job_id` makes them.
        user_id: whose it is; nobody else may use it.
        created_at: Unix seconds.
        request: may be incomplete or refused: an empty prompt, a ratio that its model lacks.
        references: pictures that are kept, in order, and perhaps a mask.
        gone: how many more pictures there were, that can no longer be fetched.
        parent: the job whose outcome is gone on from, if any.
        claimed_by: the interaction that sent the form first, once it was sent.
    """

    id: str
    user_id: int
    created_at: float
    request: ImageRequest
    references: tuple[Reference, ...] = ()
    gone: int = 0
    parent: str | None = None
    private: bool = False
    spoiler: bool = False
    claimed_by: int | None = None

    @property
    def pictures(self) -> tuple[Reference, ...]:
        """The references without the mask."""
        return pictures_among(self.references)


class DraftStore:
    """Everybody's drafts in the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, draft: Draft) -> None:
        """Write a new draft; those that are older than a week go."""
        row = {"id": draft.id, "user_id": draft.user_id, "created_at": draft.created_at, "content": _content(draft)}
        forgotten = delete(tables.drafts).where(tables.drafts.c.created_at < self._clock.now() - DRAFT_LIFETIME)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(forgotten)
            await connection.execute(insert(tables.drafts).values(row))

        await self._database.transaction(work)

    async def draft(self, draft_id: str) -> Draft | None:
        """The draft, or None."""
        return await self._database.read(lambda connection: _draft(connection, draft_id))

    async def claim(self, draft_id: str, interaction_id: int) -> Draft | None:
        """The draft, claimed by whoever claimed it first: this interaction, unless another one was faster."""

        async def work(connection: AsyncConnection) -> Draft | None:
            draft = await _draft(connection, draft_id)
            if draft is None or draft.claimed_by is not None:
                return draft
            claimed = replace(draft, claimed_by=interaction_id)
            row = update(tables.drafts).where(tables.drafts.c.id == draft_id)
            await connection.execute(row.values(content=_content(claimed)))
            return claimed

        return await self._database.transaction(work)


async def _draft(connection: AsyncConnection, draft_id: str) -> Draft | None:
    statement = select(tables.drafts).where(tables.drafts.c.id == draft_id)
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    content = row["content"]
    return Draft(
        id=row["id"],
        user_id=row["user_id"],
        created_at=row["created_at"],
        request=ImageRequest.from_json(content["request"]),
        references=tuple(Reference.from_json(each) for each in content["references"]),
        gone=content.get("gone", 0),  # not in those that an earlier version wrote
        parent=content["parent"],
        private=content["private"],
        spoiler=content["spoiler"],
        claimed_by=content["claimed_by"],
    )


def _content(draft: Draft) -> dict[str, Any]:
    return {
        "request": draft.request.to_json(),
        "references": [reference.to_json() for reference in draft.references],
        "gone": draft.gone,
        "parent": draft.parent,
        "private": draft.private,
        "spoiler": draft.spoiler,
        "claimed_by": draft.claimed_by,
    }
