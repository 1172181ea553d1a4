"""Results: fetched from the gateway's file host while their links live, looked at, made to fit a size limit."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from bot.budget import MoreNeeded
from bot.clock import Clock
from bot.errors import DownloadError, DownloadTooLarge, EaselError, ImageError, Repeat
from bot.jobs.filenames import OwnFile
from bot.jobs.job import RESULT_LIFETIME, Job, Task, TaskState
from bot.jobs.outcome import Picture
from bot.jobs.ports import Painter
from bot.media import Darkroom
from bot.texts import Text

_log = logging.getLogger(__name__)

_MOST_BYTES = 64 * 1024 * 1024  # a 4K PNG has about 17 MB
_EXPECTED_BYTES = {"0.5K": 1, "1K": 3, "2K": 9, "4K": 32}  # MiB for one picture and its fitted copy, an estimate


class NotYet(Exception):
    """A result cannot be fetched now, but perhaps later; after `retry_after` seconds, if the file host said so."""

    def __init__(self, message: str, retry_after: float | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Result:
    """A result as the gateway made it.

    Attributes:
        number: its place (from 1) among the job's originals, whatever else can be fetched: replies find it by that.
    """

    task_id: str
    number: int
    data: bytes


@dataclass(frozen=True, kw_only=True)
class _Larger:
    """A result that was not fetched, since it is larger than there is room for; it takes so many bytes."""

    size: int


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What could be fetched of a job's results, in order, and why something could not."""

    results: tuple[Result, ...]
    failure: Text | None


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """Pictures ready to be posted, and the results they were made of."""

    pictures: tuple[Picture, ...]
    fetched: Fetched


@dataclass(frozen=True, kw_only=True)
class Results:
    """Fetches results and prepares them for posting."""

    gateway: Painter
    darkroom: Darkroom
    clock: Clock

    async def fetch(self, job: Job, room: int, limit: int) -> Fetched:
        """Fetch the results of the job's completed tasks. Bytes are never stored: after a crash this is done anew.

        Args:
            job: whose results.
            room: bytes that the results and their fitted copies may take together.
            limit: bytes; what is larger is going to have a copy that fits.

        Raises:
            MoreNeeded: they take more.
            NotYet: the file host is in trouble, while the links still live.
        """
        wanted = [(task, url) for task in job.tasks if task.state is TaskState.COMPLETED for url in task.result_urls]
        largest = _largest(room // max(1, len(wanted)), limit)
        # All come to their end before one's trouble is told: none goes on where its room has been given back.
        answers = await asyncio.gather(
            *(self._one(task, url, number, largest) for number, (task, url) in enumerate(wanted, start=1))
        )
        if larger := [answer.size for answer in answers if isinstance(answer, _Larger)]:
            raise MoreNeeded(len(wanted) * _room(max(larger), limit))
        for answer in answers:
            if isinstance(answer, NotYet):
                raise answer
        failures = [answer for answer in answers if isinstance(answer, Text)]
        return Fetched(
            results=tuple(answer for answer in answers if isinstance(answer, Result)),
            failure=failures[0] if failures else None,
        )

    async def _one(self, task: Task, url: str, number: int, largest: int) -> Result | Text | NotYet | _Larger:
        try:
            data = await self.gateway.download(url, limit=largest, name="result")
            await self.darkroom.inspect(data, name="result")
        except ImageError as error:
            _log.warning("a result of task %s is no usable picture: %s", task.id, error)
            return Text("job.result_unusable")
        except DownloadError as error:
            if isinstance(error, DownloadTooLarge) and largest < _MOST_BYTES:
                return _Larger(size=min(error.announced or _MOST_BYTES, _MOST_BYTES))
            if error.repeat is not Repeat.NEVER and self.clock.now() < _ends_at(task):
                return NotYet(str(error), error.retry_after)
            _log.warning("a result of task %s could not be fetched: %s", task.id, error)
            return Text("job.result_gone")
        return Result(task_id=task.id, number=number, data=data)

    async def fit(self, job: Job, fetched: Fetched, limit: int) -> Fitted:
        """The pictures, each within `limit` bytes; one that cannot be made to fit is missing."""
        pictures: list[Picture] = []
        kept: list[Result] = []
        failure = fetched.failure
        for result in fetched.results:
            try:
                fitted = await self.darkroom.fit(result.data, limit, name="result")
            except ImageError as error:
                _log.warning("a result of task %s does not fit %d bytes: %s", result.task_id, limit, error)
                failure = Text("job.result_unusable")
                continue
            kept.append(result)
            # The name tells a reply whether it is the original.
            own = OwnFile(job_id=job.id, number=result.number, fitted=fitted.data is not result.data)
            pictures.append(
                Picture(
                    data=fitted.data,
                    filename=own.name(fitted.extension),
                    width=fitted.width,
                    height=fitted.height,
                    reduced=fitted.reduced,
                )
            )
        return Fitted(pictures=tuple(pictures), fetched=Fetched(results=tuple(kept), failure=failure))


def expected_bytes(job: Job) -> int:
    """About how much memory the job's results take on their way, to be held in the budget."""
    each = _EXPECTED_BYTES.get(job.request.resolution or "1K", 3)
    return sum(len(task.result_urls) for task in job.tasks) * each * 1024 * 1024


def _room(size: int, limit: int) -> int:
    """How much a picture takes, if what is over `limit` has a copy of that size."""
    return size if size <= limit else size + limit


def _largest(room: int, limit: int) -> int:
    """How large a picture may be that takes so much."""
    return min(room if room <= limit else max(limit, room - limit), _MOST_BYTES)


def _ends_at(task: Task) -> float:
    return task.result_expires_at or (task.finished_at or 0.0) + RESULT_LIFETIME


def why_nothing(job: Job, fetched: Fetched) -> Text:
    """The reason to show where no picture is left."""
    return next(_reasons(job, fetched), EaselError.text)


def why_some_are_missing(job: Job, fetched: Fetched) -> Text:
    """The reason to show beside the pictures that are there; without another, there were never more."""
    return next(_reasons(job, fetched), Text("gateway.fewer_pictures"))


def _reasons(job: Job, fetched: Fetched) -> Iterator[Text]:
    reasons = (job.failure, fetched.failure, *(task.failure for task in job.tasks))
    return (reason for reason in reasons if reason is not None)
