"""What must hold at the end of a story, wherever the bot died: seen from outside, by the stand-ins' own records."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import create_engine, func, select

from bot import tables
from bot.limits import counted
from bot.sandbox.discord.people import Person, SeenMessage
from tests.crash.play import Play
from tests.crash.stories import Story

_LEFT_BEHIND = {"easel.db", "easel.db-wal", "easel.db-shm", "easel.db.lock", "bot.log", "scratch"}


@dataclass(frozen=True)
class _Request:
    """A request that was accepted, as it is written at the end."""

    id: str
    state: str
    prompt: str
    tidied: bool
    token: str


def complaints(play: Play, story: Story, ada: Person, history: str) -> list[str]:
    """Everything that is not as it must be, in sentences.

    Args:
        play: after the bot's last life.
        story: what was told.
        ada: who asked.
        history: what `/history` showed her at the end.
    """
    requests = [
        _Request(str(id_), str(state), json.loads(str(wanted))["prompt"], bool(tidied), str(token or ""))
        for id_, state, wanted, tidied, token in play.rows(
            "SELECT id, state, request, tidied, token FROM jobs ORDER BY rowid"
        )
    ]
    return [
        *_outcomes(play, story, ada, requests, history),
        *_vanished(play),
        *_secrets(play, story),
        *_tasks(play, requests),
        *_books(play, ada, requests),
        *_process(play),
    ]


def _outcomes(play: Play, story: Story, ada: Person, requests: list[_Request], history: str) -> Iterator[str]:
    if len(requests) < story.requests:
        yield f"{len(requests)} requests were accepted, not {story.requests}"
    for request in requests:
        if request.state not in story.endings:
            yield f"a request ended as {request.state}"
        if not request.tidied or request.token:
            yield "a request is not tidied up, or its token is still written"
        if request.state == "undeliverable" and request.prompt not in history:
            yield "what could not be delivered is not in /history"
    for prompt in {request.prompt for request in requests}:
        ends = [request for request in requests if request.prompt == prompt]
        shown = [message for message in play.sees(ada) if prompt in message.text]
        visible = sum(request.state != "undeliverable" for request in ends)
        if len(shown) != visible:
            yield f"{visible} outcomes of “{prompt}” should be seen, and {len(shown)} are"
        posted = sum(prompt in message.text for message in play.posted)
        if posted > len(ends):
            yield f"the pictures of “{prompt}” were posted {posted} times"
    if unfinished := [message for message in play.sees(ada) if message.loading or message.button("Cancel")]:
        yield f"still shown as under way: {', '.join(map(str, unfinished))}"


def _vanished(play: Play) -> Iterator[str]:
    """Pictures that were shown stay, with the buttons below them; nobody in the stories deletes any."""
    for versions in play.versions.values():
        for message in itertools.dropwhile(lambda version: not _is_outcome(version), versions):
            if not _is_outcome(message):
                yield f"pictures were shown, and then: {message or 'nothing'}"


def _is_outcome(message: SeenMessage | None) -> bool:
    return message is not None and bool(message.files) and message.button("Delete") is not None


def _secrets(play: Play, story: Story) -> Iterator[str]:
    """Of a story whose requests are private, nobody else sees even that there is one."""
    if story.private and play.overseen:
        yield f"somebody else saw of what is private: {', '.join(map(str, play.overseen))}"
    if not story.private and not play.overseen:
        yield "nobody else saw anything of what is for everybody"


def _tasks(play: Play, requests: list[_Request]) -> Iterator[str]:
    tasks = play.stage.gateway.tasks
    ids = [task.business_id or "" for task in tasks]
    if len(set(ids)) < len(ids):
        yield f"painted twice: {ids}"
    for request in requests:
        (wanted,) = play.rows("SELECT sum(wanted) FROM tasks WHERE job_id = ?", request.id)
        asked = sum(task.request.count for task in tasks if (task.business_id or "").startswith(request.id))
        if asked > int(str(wanted[0])):
            yield f"{asked} pictures were asked for, and {wanted[0]} wanted"
    if strange := [each for each in ids if each.rpartition("-")[0] not in {request.id for request in requests}]:
        yield f"painted for nobody: {strange}"


def _books(play: Play, ada: Person, requests: list[_Request]) -> Iterator[str]:
    delivered = sum(len(message.files) for message in play.sees(ada))
    cancelled = {request.id for request in requests if request.state == "cancelled"}
    spent = sum(
        task.request.count
        for task in play.stage.gateway.tasks
        if (task.business_id or "").rpartition("-")[0] in cancelled
    )
    engine = create_engine(f"sqlite:///{play.database}")
    joined = tables.tasks.join(tables.jobs)
    with engine.connect() as connection:
        used = connection.scalar(select(func.sum(tables.tasks.c.pictures)).select_from(joined).where(counted())) or 0
    engine.dispose()
    if used != delivered + spent:
        yield f"{used} pictures count, but {delivered} were delivered and {spent} cancelled after they were sent"
    accepted = play.rows("SELECT count(*) FROM charges WHERE event = 'accepted'")[0][0]
    if accepted != len(play.stage.gateway.tasks):
        yield f"the gateway took {len(play.stage.gateway.tasks)} tasks, and {accepted} are in the book"


def _process(play: Play) -> Iterator[str]:
    if play.exits != [0]:
        yield f"the bot ended with {play.exits}"
    if play.deaths > 1:
        yield f"the bot died {play.deaths} times"
    if left := {path.name for path in play.folder.iterdir()} - _LEFT_BEHIND:
        yield f"left behind: {left}"
    if left := [path.name for path in (play.folder / "scratch").iterdir()]:
        yield f"temporary files left behind: {left}"
    if '"level": "error"' in play.log or "Traceback" in play.log:
        yield "an error was logged"
