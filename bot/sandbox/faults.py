"""Misbehaviour on demand, and the middleware that records every exchange and applies it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Middleware
from multidict import CIMultiDict

from bot.sandbox.connection import StallingWriter, abort, until_left
from bot.sandbox.record import Exchange, Received, Record, redact

_RECEIVED = web.RequestKey("received", Received)

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with the n-th matching request from the moment the fault is added.

    Attributes:
        route: the route's template without the service's prefix, such as "/channels/{channel_id}/messages"; "*" is any.
        method: the HTTP method; None is any.
        service: as in `Exchange.service`; None is any.
        nth: the first matching request to suffer, counted from 1.
        times: how many requests suffer; 0 is all that follow.
        moment: before the handler acts and instead of it, or after it acted and instead of its answer. With neither
            `status`, `body`, `silent` nor `drop`, the handler acts and its answer is only delayed or stalled.
        status: the status of the answer; 200 if only `body` is given.
        headers: added to the answer.
        body: of the answer: a dict or list as JSON, a str as HTML, bytes as they are.
        delay: seconds of real time to wait at `moment`.
        hold: an event to wait for at `moment`, until the client leaves at the latest.
        silent: never answer, and end the request only when the client leaves.
        drop: abort the connection instead of answering; with `stall_after`, after that many bytes.
        stall_after: send that many bytes of the answer's body, then nothing, until the client leaves.
    """

    route: str
    method: str | None = None
    service: str | None = None
    nth: int = 1
    times: int = 1
    moment: Literal["before", "after"] = "before"
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    delay: float = 0.0
    hold: asyncio.Event | None = None
    silent: bool = False
    drop: bool = False
    stall_after: int | None = None

    @property
    def replaces(self) -> bool:
        """Whether the client gets something else than the real answer."""
        return self.status is not None or self.body is not None or self.says_nothing

    @property
    def says_nothing(self) -> bool:
        """Whether the client gets no answer at all."""
        return self.silent or (self.drop and self.stall_after is None)

    def matches(self, service: str, method: str, route: str) -> bool:
        """Whether the fault is about such a request."""
        return self.service in (None, service) and self.method in (None, method) and self.route in ("*", route)

    def answer(self) -> web.Response:
        """The answer that takes the place of the real one."""
        status = 200 if self.status is None else self.status
        if isinstance(self.body, bytes):
            body, content_type = self.body, "application/octet-stream"
        elif isinstance(self.body, str):
            body, content_type = self.body.encode(), "text/html"
        elif self.body is None:
            body, content_type = b"", "text/plain"
        else:
            body, content_type = json.dumps(self.body).encode(), "application/json"
        headers = CIMultiDict({"Content-Type": content_type})
        headers.update(self.headers)
        return web.Response(status=status, body=body, headers=headers)


Witness = Callable[[Literal["before", "after"], str, str, web.Request], None]


def _nobody_looks(_moment: str, _service: str, _route: str, _request: web.Request, /) -> None:
    """Let everything go by."""


@dataclass
class _Pending:
    fault: Fault
    seen: int = 0
    fired: int = 0

    @property
    def exhausted(self) -> bool:
        return 0 < self.fault.times <= self.fired


class Faults:
    """The faults of a stand-in.

    Every fault counts the requests it matches. One request suffers one fault at most, the earliest added that is due;
    another that was due with it strikes the next matching request.

    Attributes:
        witness: called with each request's moments, its service and its route's template; what it raises of
            `ConnectionError` ends the request there, without an answer.
    """

    def __init__(self) -> None:
        self.witness: Witness = _nobody_looks
        self._pending: list[_Pending] = []

    @property
    def pending(self) -> tuple[Fault, ...]:
        """The faults that have not struck as often as they were told to."""
        return tuple(pending.fault for pending in self._pending)

    @property
    def unused(self) -> tuple[Fault, ...]:
        """The faults that have not struck at all."""
        return tuple(pending.fault for pending in self._pending if not pending.fired)

    def add(self, fault: Fault) -> Fault:
        """Let `fault` strike from now on; the same fault is returned."""
        self._pending.append(_Pending(fault))
        return fault

    def clear(self) -> None:
        """Behave again."""
        self._pending.clear()

    def take(self, service: str, method: str, route: str) -> Fault | None:
        """The fault that strikes this request, if one does; counts the request."""
        due: _Pending | None = None
        for pending in self._pending:
            if pending.fault.matches(service, method, route):
                pending.seen += 1
                if due is None and pending.seen >= pending.fault.nth:
                    due = pending
        if due is None:
            return None
        due.fired += 1
        if due.exhausted:
            self._pending.remove(due)
        return due.fault


def received(request: web.Request) -> Received:
    """The parsed body of a request that passed the middleware."""
    return request[_RECEIVED]


def route_of(request: web.Request, prefix: str = "") -> str:
    """The template of the route that serves `request`, without `prefix`; the path itself if none does."""
    resource = request.match_info.route.resource
    return (request.path if resource is None else resource.canonical).removeprefix(prefix)


def proxy_too_large() -> web.Response:
    """What an nginx in front of a service says to a body over its limit."""
    page = "<html><head><title>413 Request Entity Too Large</title></head></html>"
    return web.Response(status=413, text=page, content_type="text/html")


def middleware(  # noqa: PLR0913 - one call per service, every argument by name
    record: Record,
    faults: Faults,
    service: str,
    *,
    prefix: str = "",
    now: Callable[[], float] = time.time,
    too_large: Callable[[], web.StreamResponse] = proxy_too_large,
) -> Middleware:
    """The outermost middleware of a stand-in: reads the body, records the exchange, applies the faults.

    Handlers find the parsed body with `received(request)` and must not read it themselves.

    Args:
        record: where the exchanges go.
        faults: what goes wrong.
        service: the name of the service in the record.
        prefix: what to leave out at the start of the routes' templates, such as "/api/v10".
        now: the time in seconds since the Unix epoch.
        too_large: makes the answer to a body over the application's `client_max_size`.
    """

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        at = now()
        route = route_of(request, prefix)
        fault = faults.take(service, request.method, route)

        def witness(moment: Literal["before", "after"]) -> None:
            faults.witness(moment, service, route, request)

        exchange = _Attempt(request, handler, fault, too_large, witness)
        try:
            return await exchange.run(
                lambda: record.append(lambda number: exchange.describe(number, at, service, route))
            )
        except ConnectionError:
            return abort(request)

    return handle


class _Attempt:
    """One request on its way through the middleware."""

    def __init__(
        self,
        request: web.Request,
        handler: Handler,
        fault: Fault | None,
        too_large: Callable[[], web.StreamResponse],
        witness: Callable[[Literal["before", "after"]], None],
    ) -> None:
        self.request = request
        self.witness = witness
        self.handler = handler
        self.fault = fault
        self.too_large = too_large
        self.acted = False
        self.answer: web.StreamResponse | None = None

    async def run(self, record: Callable[[], object]) -> web.StreamResponse:
        """Act, record, answer; a dropped connection is recorded without an answer."""
        fault = self.fault
        before, after = (fault is not None and fault.moment == moment for moment in ("before", "after"))
        recorded = False
        try:
            self.answer = await self._read()
            self.witness("before")
            if fault is not None and before:
                await self._wait(fault)
            if self.answer is None and not (fault is not None and before and fault.replaces):
                self.answer = await self._act()
            if fault is not None and fault.replaces:
                self.answer = None if fault.says_nothing else fault.answer()
            recorded = True
            record()
            self.witness("after")
            if fault is not None and after:
                await self._wait(fault)
        finally:
            if not recorded:
                record()
        return abort(self.request) if self.answer is None else self.answer

    async def _read(self) -> web.StreamResponse | None:
        """Read the body; an answer if it is too large."""
        self.request[_RECEIVED] = Received(fields={})
        try:
            self.request[_RECEIVED] = await Received.read(self.request)
        except web.HTTPRequestEntityTooLarge:
            return self.too_large()
        return None

    async def _act(self) -> web.StreamResponse:
        if self.fault is not None and self.fault.stall_after is not None:
            stalling = StallingWriter(self.request, self.fault.stall_after, drop=self.fault.drop)
            self.request._payload_writer = stalling  # noqa: SLF001 - the one place all ways to answer pass through
        self.acted = True
        try:
            return await self.handler(self.request)
        except web.HTTPException as error:
            return web.Response(status=error.status, body=error.body, headers=error.headers)
        except ConnectionError:
            raise
        except Exception:
            self.answer = web.Response(status=500)  # what aiohttp makes of it
            raise

    async def _wait(self, fault: Fault) -> None:
        await asyncio.sleep(fault.delay)
        if fault.hold is not None or fault.silent:
            await until_left(self.request, fault.hold)

    def describe(self, number: int, at: float, service: str, route: str) -> Exchange:
        """What the record keeps of it."""
        request, body = self.request, received(self.request)
        return Exchange(
            number=number,
            at=at,
            service=service,
            method=request.method,
            path=request.rel_url.raw_path,
            route=route,
            query=dict(request.query),
            authorization=redact(request.headers.get("Authorization")),
            content_type=request.content_type if "Content-Type" in request.headers else None,
            body=body.body,
            files=tuple(file.info for file in body.files),
            status=None if self.answer is None else self.answer.status,
            answer=_decoded(self.answer),
            acted=self.acted,
            retry_after=None if self.answer is None else self.answer.headers.get("Retry-After"),
            replaced=self.fault is not None and self.fault.replaces,
        )


def _decoded(answer: web.StreamResponse | None) -> Any:
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes | bytearray):
        return None
    if not answer.content_type.endswith("json"):
        return None
    return json.loads(answer.body)
