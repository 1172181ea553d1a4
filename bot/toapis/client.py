"""The client of the image gateway: upload, submit, ask, download, balance, models.

Every failure leaves as one of our gateway errors, translated in `bot.toapis.translate`. The key goes to the API alone:
no redirect is followed with it, and results are fetched by a `Downloader`, which has never seen it.

Source: ToAPIs' documentation, the pages of the endpoints.
"""

import io
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

import aiohttp
from pydantic import SecretStr
from yarl import URL

from bot.clock import Clock
from bot.download import Downloader
from bot.errors import GatewayError, Repeat
from bot.pauses import spread
from bot.toapis.answers import read_balance, read_models, read_task, read_upload
from bot.toapis.catalog import BY_ID
from bot.toapis.pacing import Pacer, Turn, windows
from bot.toapis.schema import Balance, ImageRequest, TaskStatus, Uploaded, wire_body
from bot.toapis.translate import Answer, Call, remaining_until, retry_after, translate_answer, translate_failure

T = TypeVar("T")

ATTEMPTS = 6  # of what is certainly safe to repeat
PATIENCE = 60.0  # seconds; whoever asks for a longer pause is not asked again
ENDURANCE = 300.0  # seconds of failures after which nothing is tried again
_TELLING = 8  # letters; a shorter key is a word that may stand anywhere
MAX_ANSWER = 1024 * 1024  # bytes; the answers of the API are small

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds until a call is given up.

    Attributes:
        connect: for a connection.
        request: for a submit, a question, and the like.
        stall: without a byte, in an upload or a download.
        transfer: for a whole upload or download.
    """

    connect: float = 10.0
    request: float = 60.0
    stall: float = 20.0
    transfer: float = 180.0


class ToapisClient:
    """Speaks to ToAPIs. An async context manager; every method raises `GatewayError` and nothing else."""

    def __init__(  # noqa: PLR0913  every argument is named
        self,
        *,
        base_url: str,
        api_key: SecretStr | str,
        clock: Clock,
        timeouts: Timeouts | None = None,
        submits_per_minute: int = 300,
        queries_per_minute: int = 3000,
        allow_private_addresses: bool = False,
    ) -> None:
        """Choose where, as whom, and within which limits.

        Args:
            base_url: with or without `/v1` and a slash at the end.
            api_key: is sent as a bearer token to `base_url` only.
            clock: in which pauses are waited out.
            timeouts: in real seconds, since they guard sockets.
            submits_per_minute: how many the account is allowed; a sixth of it within 10 s.
            queries_per_minute: likewise for questions about tasks.
            allow_private_addresses: whether results may be fetched from this machine, for stand-ins.
        """
        self._base = base_url.strip().rstrip("/").removesuffix("/v1").rstrip("/") + "/v1"
        self._key = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._submits = Pacer(clock, windows(submits_per_minute))
        self._queries = Pacer(clock, windows(queries_per_minute))
        self._downloader = Downloader(
            stall_timeout=self._timeouts.stall,
            total_timeout=self._timeouts.transfer,
            connect_timeout=self._timeouts.connect,
            allow_private_addresses=allow_private_addresses,
        )
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the sessions."""
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),  # a slow upload must not keep questions waiting
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # so that the cap on an answer cannot be got round
                headers={
                    "Authorization": f"Bearer {self._key}",
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "User-Agent": "Easel",
                },
            )
        )
        await self._stack.enter_async_context(self._downloader)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the sessions."""
        await self._stack.aclose()

    async def upload(
        self, data: bytes, *, filename: str, content_type: str, in_vain: Callable[[], bool] = lambda: False
    ) -> Uploaded:
        """Put a picture where the gateway can read it; it costs nothing, so passing failures are tried again.

        Args:
            data: JPEG, PNG or WebP, at most 10 MiB.
            filename: with its extension.
            content_type: e.g. "image/png".
            in_vain: whether it has lost its use meanwhile, so that it is not tried again.
        """

        async def attempt() -> Uploaded:
            form = aiohttp.FormData()
            form.add_field("purpose", "generation")
            form.add_field("file", io.BytesIO(data), filename=filename, content_type=content_type)
            answer = await self._exchange(Call.UPLOAD, "POST", "/uploads/images", form)
            return self._understood(Call.UPLOAD, answer, read_upload)

        return await self._patiently(attempt, in_vain)

    async def submit(  # noqa: PLR0913  every argument is named
        self,
        request: ImageRequest,
        *,
        count: int,
        image_urls: Sequence[str],
        business_id: str,
        mask_url: str | None = None,
        turn: Turn | None = None,
    ) -> TaskStatus:
        """The paid step: ask for `count` pictures in one task.

        It is sent once. What was certainly not accepted (a refused connection, the rate limiter's answers) leaves with
        `Repeat.SAFE`, what may have been accepted with `Repeat.ASK_FIRST`.

        Args:
            request: what is wanted.
            count: pictures of this task, within the model's `max_n`.
            image_urls: the references' copies at the gateway.
            business_id: our own id of the task, by which `status` finds it, too.
            mask_url: the mask's copy at the gateway.
            turn: of `line_up`, which has come; None: the call waits for one by itself.
        """
        body = wire_body(request, n=count, image_urls=image_urls, business_id=business_id, mask_url=mask_url)
        model = BY_ID[request.model].name if request.model in BY_ID else request.model
        number = turn.number if turn is not None else None
        if number is None:
            number = await self._submits.turn(turn)
        answer = await self._exchange(Call.SUBMIT, "POST", "/images/generations", json.dumps(body).encode())
        self._learn(self._submits, number, answer)
        return self._understood(Call.SUBMIT, answer, lambda data: read_task(data, business_id), model=model)

    def line_up(self) -> Turn:
        """A turn to submit; wait for it with `come`."""
        return Turn(self._submits)

    async def status(self, task_id: str) -> TaskStatus:
        """Ask once what has become of a task.

        Only `TaskUnknown` is the gateway's word that there is no such task. Every other error says that the question
        failed, and nothing about the task.

        Args:
            task_id: the gateway's id or our own `business_id`.
        """
        turn = await self._queries.turn()
        answer = await self._exchange(Call.STATUS, "GET", f"/images/generations/{quote(task_id, safe='')}")
        self._learn(self._queries, turn, answer)
        return self._understood(Call.STATUS, answer, lambda data: read_task(data, task_id))

    async def balance(self) -> Balance:
        """What the key may still spend. Asked once."""
        answer = await self._exchange(Call.BALANCE, "GET", "/balance")
        return self._understood(Call.BALANCE, answer, read_balance)

    async def models(self) -> tuple[str, ...]:
        """The ids of the image models that the key may use. Asked once."""
        answer = await self._exchange(Call.MODELS, "GET", "/models?type=image")
        return self._understood(Call.MODELS, answer, read_models)

    async def download(self, url: str, *, limit: int, name: str) -> bytes:
        """Fetch a result, without the key.

        Args:
            url: where it is.
            limit: bytes at most.
            name: what to call it in an error's text.

        Raises:
            DownloadError: as `Downloader.fetch` says.
        """
        return await self._downloader.fetch(url, limit=limit, name=name)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]], in_vain: Callable[[], bool]) -> T:
        """Repeat what is safe to repeat, at growing and random distances or when the gateway says."""
        give_up = self._clock.now() + ENDURANCE
        for failures in range(1, ATTEMPTS):
            try:
                return await attempt()
            except GatewayError as error:
                told = error.retry_after
                if error.repeat is not Repeat.SAFE or (told is not None and told > PATIENCE):
                    raise
                if self._clock.now() > give_up or in_vain():
                    raise
                pause = spread(2.0 ** (failures - 1) if told is None else max(told, 1.0))
                _log.info("tried again in %.1f s: %s", pause, error)
                await self._clock.wait(None, self._clock.now() + pause)
        return await attempt()

    async def _exchange(
        self, call: Call, method: str, path: str, payload: bytes | aiohttp.FormData | None = None
    ) -> Answer:
        """One request and its answer, whatever that is.

        Args:
            call: what it is for.
            method: of HTTP.
            path: quoted already.
            payload: bytes are JSON; a form is an upload and gets a transfer's time.
        """
        if self._session is None:
            raise RuntimeError("ToapisClient needs `async with`")
        times, is_form = self._timeouts, isinstance(payload, aiohttp.FormData)
        try:
            async with self._session.request(
                method,
                URL(self._base + path, encoded=True),
                data=payload,
                headers={"Content-Type": "application/json"} if isinstance(payload, bytes) else None,
                timeout=aiohttp.ClientTimeout(
                    total=times.transfer if is_form else times.request, sock_connect=times.connect
                ),
                allow_redirects=False,
            ) as response:
                body = self._without_key(await _read(response))
                return Answer(status=response.status, body=body, headers=response.headers)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # a time-out is an OSError
            raise translate_failure(call, error) from error

    def _without_key(self, body: bytes) -> bytes:
        """An answer may repeat what was sent, and a person may be told what it says."""
        return body.replace(self._key.encode(), b"[filtered]") if len(self._key) >= _TELLING else body

    def _understood(self, call: Call, answer: Answer, read: Callable[[object], T | None], *, model: str = "") -> T:
        """The value that an answer holds, or else the error that it is."""
        value = read(answer.data) if answer.status // 100 == 2 and len(answer.body) <= MAX_ANSWER else None
        if value is None:
            raise translate_answer(call, answer, now=self._clock.now(), model=model)
        return value

    def _learn(self, pacer: Pacer, turn: int, answer: Answer) -> None:
        """Let what the gateway says of its limits slow us down."""
        now = self._clock.now()
        if told := remaining_until(answer.headers, now):
            pacer.adjust(turn, *told)
        if answer.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            pacer.pause(retry_after(answer.headers, now) or 0.0)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, or its beginning where it is longer than any answer of the gateway."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > MAX_ANSWER:
            break
    return bytes(body)
