"""The handlers under way: what discord.py starts for every interaction and does not wait for when it ends."""

import asyncio

from bot.clock import Clock, finish


class Handlers:
    """Tasks that answer somebody."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def follow(self) -> None:
        """Count the current task until it ends."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def finish(self, clock: Clock, until: float) -> None:
        """Wait for the end of all but the current one; at `until` (Unix seconds) what is left is cancelled."""
        while tasks := self._tasks - {asyncio.current_task()}:
            await finish(tasks, clock, until)
