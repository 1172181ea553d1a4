"""What must not be left behind once nothing is under way any more: memory, files, connections, tasks of the loop."""

import asyncio
from collections import Counter
from pathlib import Path

from bot.services import Services

_LOOKS = 100  # a hundredth of a second apart: what ends by itself may take a moment


async def about_leftovers(services: Services, folder: Path, before: Counter[str]) -> list[str]:
    """What is there and should not be.

    Args:
        services: of the bot.
        folder: where its database is, and where temporary files would be.
        before: `tasks_in_the_loop` before anything was asked for.
    """
    for _ in range(_LOOKS):
        if not _left(services, folder, before):
            break
        await asyncio.sleep(0.01)
    return [f"left behind: {count} {name}" for name, count in _left(services, folder, before).items()]


def tasks_in_the_loop() -> Counter[str]:
    """What runs in the loop beside the caller and the stand-ins' own connections."""
    current = asyncio.current_task()
    running = [task for task in asyncio.all_tasks() if task is not current]
    names = Counter(getattr(task.get_coro(), "__qualname__", task.get_name()) for task in running)
    del names["RequestHandler.start"]
    del names["Event.wait"]  # of a clock, for a task that is counted itself, and that may not have begun to wait before
    return names


def _left(services: Services, folder: Path, before: Counter[str]) -> dict[str, int]:
    engine, gateway = services.engine, services.gateway
    tools = engine._tools
    sessions = [gateway._session, gateway._downloader._session, tools.downloader._session]
    connectors = [session.connector for session in sessions if session is not None]
    things = {
        "bytes of the budget": tools.budget._total - tools.budget._free,
        "waiting for the budget": len(tools.budget._waiting),
        "uploads that others wait for": len(tools.uploads._locks),
        "jobs of the engine": len(engine._running) + len(engine._signals),
        "questions of the poller": len(engine._poller._asking) + len(engine._poller._heap),
        "paid calls": len(engine._submission._calls) if engine._submission is not None else 0,
        "open connections": sum(len(connector._acquired) for connector in connectors if connector is not None),
        "files": len([path for path in folder.iterdir() if not path.name.startswith("easel.db")]),
    }
    things |= {f"of {name} in the loop": count for name, count in (tasks_in_the_loop() - before).items()}
    return {name: count for name, count in things.items() if count}
