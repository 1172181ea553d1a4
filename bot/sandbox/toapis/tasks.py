"""The gateway's tasks: what was accepted, how far it is at a given time, and how it was told to turn out.

Nothing runs here: what a task shows is computed from the time it is asked at.
"""

import hashlib
import itertools
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from PIL import Image

from bot.sandbox.toapis.envelopes import Refusal
from bot.sandbox.toapis.rules import Request

Ending: TypeAlias = Literal["completed", "failed", "never"]
UrlPlace: TypeAlias = Literal["result", "top-level", "nowhere"]
Served: TypeAlias = Literal["painted", "grainy", "huge", "truncated", "text", "html", "stalled", "interrupted", "gone"]

DAY = 86_400.0  # seconds a result can be fetched
GENERATION_FAILED: Mapping[str, str] = {
    "code": "generation_failed",
    "message": "call upstream API failed: upstream returned status 422",
}
_QUEUED_SHARE, _QUEUED_AT_MOST = 0.15, 2.0  # of the whole time; seconds


@dataclass(frozen=True, kw_only=True)
class Script:
    """How a task turns out.

    Attributes:
        seconds: from submit to end; None draws it from the server's settings; 0 answers the submit with the end.
        ending: how it ends; "never" stays in progress.
        error: the `error` of a failed task.
        waiting: the status before the work begins: "queued", "pending", "submitted", or anything unknown.
        statuses: what the first look-ups show, one each, before they show the truth.
        urls: where a completed task names its pictures: `result.data`, a top-level `url` (the first only), or nowhere.
        pictures: how many pictures it makes; None is as many as asked for.
        picture: what the file host serves for them. "painted"; "grainy": painted in full size with the grain of a
            photograph, as a PNG, which has about 19 MB at 4K; "huge": painted, at least 25 MB; "truncated": the first
            half, as if it were all; "text": not an image; "html": a page of a proxy; "stalled": half, then nothing;
            "interrupted": half, then the connection closes; "gone": 404. Bytes are served as they are.
        members: what stands in every answer about it, beside the rest or instead of it.
        without: the members that are left out of every answer about it.
        shown_id: the id that look-ups show instead of the task's own.
        hidden_for: seconds after submit in which look-ups answer that there is no such task.
        lifetime: seconds from the end until the pictures are gone.
        refusal: refuse the submit with this instead of accepting it.
    """

    seconds: float | None = None
    ending: Ending = "completed"
    error: Any = field(default_factory=lambda: dict(GENERATION_FAILED))
    waiting: str = "queued"
    statuses: Sequence[str] = ()
    urls: UrlPlace = "result"
    pictures: int | None = None
    picture: Served | bytes = "painted"
    members: Mapping[str, Any] = field(default_factory=dict[str, Any])
    without: Collection[str] = ()
    shown_id: str | None = None
    hidden_for: float = 0.0
    lifetime: float = DAY
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A reference picture the gateway fetched.

    Attributes:
        url: where from.
        mime_type: of the bytes.
        size: bytes.
        sha256: of the bytes, in hexadecimal.
        pixels: width and height.
        thumbnail: a small copy, for the painting.
    """

    url: str
    mime_type: str
    size: int
    sha256: str
    pixels: tuple[int, int]
    thumbnail: Image.Image = field(repr=False, compare=False)


@dataclass(kw_only=True)
class Task:
    """An accepted task. All times are in seconds since the Unix epoch.

    Attributes:
        number: 1, 2, 3, …, in the order of acceptance.
        id: the gateway's.
        request: what was asked for.
        script: how it turns out.
        references: the references that were fetched.
        cost: what was charged.
        created_at: when it was accepted.
        seconds: from there to the end.
        asked_at: when its status was asked for.
        fetched_at: when one of its pictures was fetched.
    """

    number: int
    id: str
    request: Request
    script: Script
    references: tuple[Reference, ...]
    cost: float
    created_at: float
    seconds: float
    asked_at: list[float] = field(default_factory=list[float])
    fetched_at: list[float] = field(default_factory=list[float])

    @property
    def business_id(self) -> str | None:
        """The caller's own id."""
        return self.request.business_id

    @property
    def ends_at(self) -> float:
        """When it completes or fails; infinite if it never does."""
        return float("inf") if self.script.ending == "never" else self.created_at + self.seconds

    @property
    def expires_at(self) -> float:
        """When its pictures are gone."""
        return self.ends_at + self.script.lifetime

    @property
    def pictures(self) -> int:
        """How many pictures it makes."""
        return self.request.count if self.script.pictures is None else self.script.pictures

    @property
    def picture_names(self) -> tuple[str, ...]:
        """The file names of its pictures. They end in ".jpg" whatever the bytes are: a name proves nothing."""
        stamp = int(self.created_at + self.seconds)
        return tuple(f"{stamp}_{_token(f'{self.id}/{index}', 8)}.jpg" for index in range(self.pictures))

    def status_at(self, now: float) -> str:
        """The true status."""
        if now >= self.ends_at:
            return self.script.ending
        waits = min(_QUEUED_AT_MOST, _QUEUED_SHARE * self.seconds)
        return self.script.waiting if now < self.created_at + waits else "in_progress"

    def progress_at(self, now: float) -> int:
        """The share of the work that is done while it is going on, in percent; never 100."""
        waits = min(_QUEUED_AT_MOST, _QUEUED_SHARE * self.seconds)
        working = self.seconds - waits
        done = (now - self.created_at - waits) / working if working > 0 else 1.0
        return max(0, min(99, int(100 * done)))

    def describe(self, now: float, url_of: Callable[[str], str]) -> dict[str, Any]:
        """What the gateway says about it; `url_of` makes a URL of a picture's name."""
        return self._altered(self._describe(self.status_at(now), now, url_of))

    def look_up(self, now: float, url_of: Callable[[str], str]) -> dict[str, Any]:
        """The answer to a look-up, which is counted."""
        script = self.script
        seen = len(self.asked_at)
        self.asked_at.append(now)
        status = script.statuses[seen] if seen < len(script.statuses) else self.status_at(now)
        body = self._altered(self._describe(status, now, url_of))
        return body if script.shown_id is None else body | {"id": script.shown_id}

    def _altered(self, body: dict[str, Any]) -> dict[str, Any]:
        altered = {**body, **self.script.members}
        return {name: value for name, value in altered.items() if name not in self.script.without}

    def _describe(self, status: str, now: float, url_of: Callable[[str], str]) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": self.id,
            "object": "generation.task",
            "model": self.request.body["model"],
            "status": status,
            "progress": 0,
            "created_at": int(self.created_at),
        }
        if self.business_id is not None:
            body["client_business_id"] = self.business_id
        if status == "failed":
            return body | {"error": self.script.error}
        if status != "completed":
            return body | {"progress": self.progress_at(now) if status == "in_progress" else 0}
        ended = self.created_at + self.seconds
        body |= {"progress": 100, "completed_at": int(ended), "expires_at": int(ended + self.script.lifetime)}
        urls = [url_of(name) for name in self.picture_names]
        if self.script.urls == "result":
            body["result"] = {"type": "image", "data": [{"url": url} for url in urls]}
        elif self.script.urls == "top-level":
            body["url"] = urls[0]
        return body


class TaskBook:
    """All accepted tasks, and the scripts for those to come.

    Args:
        seconds: how long a generation takes.
        spread: how far that varies either way, as a share: 0.25 is ±25 %.
        factors: multiplies the time, by model id.
        seed: of the variation; each task's number has its own.
    """

    def __init__(self, *, seconds: float, spread: float, factors: Mapping[str, float], seed: int) -> None:
        self.tasks: list[Task] = []
        self._numbers = itertools.count(1)  # of which none comes again, also where tasks are taken out
        self.usual = Script()
        self._seconds = seconds
        self._spread = spread
        self._factors = factors
        self._seed = seed
        self._scripts: list[tuple[Script, Callable[[Request], bool]]] = []

    def plan(self, script: Script, when: Callable[[Request], bool]) -> None:
        """Let `script` decide about the next submit that `when` accepts."""
        self._scripts.append((script, when))

    def take_script(self, request: Request) -> Script:
        """The script for this request, which is used up; the usual one if none was planned."""
        for place, (script, when) in enumerate(self._scripts):
            if when(request):
                del self._scripts[place]
                return script
        return self.usual

    def add(
        self,
        request: Request,
        script: Script,
        references: tuple[Reference, ...],
        cost: float,
        now: float,
    ) -> Task:
        """Accept a task."""
        number = next(self._numbers)
        seconds = self._draw_seconds(number, request) if script.seconds is None else script.seconds
        task = Task(
            number=number,
            id=f"task_img_{_token(f'{self._seed}/{number}', 12)}",
            request=request,
            script=script,
            references=references,
            cost=cost,
            created_at=now,
            seconds=seconds,
        )
        self.tasks.append(task)
        return task

    def find(self, key: str, now: float) -> Task | None:
        """The task with this id, or the newest with this `client_business_id`."""
        for task in reversed(self.tasks):
            if key in (task.id, task.business_id) and now >= task.created_at + task.script.hidden_for:
                return task
        return None

    def _draw_seconds(self, number: int, request: Request) -> float:
        rng = random.Random(f"{self._seed}/{number}")  # noqa: S311 - a repeatable variation, nothing secret
        factor = self._factors.get(request.model.id, 1.0)
        return self._seconds * factor * (1 + self._spread * rng.uniform(-1, 1))


def _token(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
