"""One patient time for two processes: the stand-ins lead, the bot follows; it jumps when both have nothing to do.

The two speak over a line of their own. A leader with nothing to do asks; a member answers when it has nothing to do
either, having read what arrived before the question, and says when its next timer is due. If the leader still has
nothing to do then, nothing is under way between them, and the time becomes that of the next timer of either.
"""

import asyncio
import math
from collections.abc import Callable
from multiprocessing.connection import Connection
from selectors import EVENT_READ
from typing import Any

from typing_extensions import override

from tests.loops import PatientLoop, PatientSelector, Ready


class LeaderLoop(PatientLoop):
    """The loop of the process that others follow; alone it is like any `PatientLoop`."""

    def __init__(self) -> None:
        """Begin alone."""
        self._leader = _Leader(self)
        super().__init__(self._leader)

    def lead(self, line: Connection, heard: Callable[[Any], None]) -> asyncio.Future[None]:
        """Share the time with the process at the other end of `line`.

        Args:
            line: to the member; it is closed at the end.
            heard: called with everything that the member tells.

        Returns:
            What is done once the member has gone.
        """
        gone: asyncio.Future[None] = self.create_future()
        self._leader.join(_Member(line, heard, gone))
        return gone


class MemberLoop(PatientLoop):
    """The loop of a process that follows."""

    def __init__(self, line: Connection) -> None:
        """Follow the process at the other end of `line`."""
        self._line = line
        super().__init__(_Follower(self, line))

    def tell(self, what: Any) -> None:
        """Say something to the leader."""
        self._line.send(("told", what))


class _Lined(PatientSelector):
    """A selector that hears a line beside the loop's own sockets."""

    def __init__(self, loop: PatientLoop) -> None:
        super().__init__(loop)
        self._lines: list[Connection[Any, Any]] = []

    def listen(self, line: "Connection[Any, Any]") -> None:
        """Hear this line from now on."""
        self._lines.append(line)
        self.register(line, EVENT_READ)

    def hang_up(self, line: "Connection[Any, Any]") -> None:
        """Hear it no longer."""
        self._lines.remove(line)
        self.unregister(line)
        line.close()

    @override
    def look(self, timeout: float | None) -> Ready:
        ready = super().look(timeout)
        others = [(key, events) for key, events in ready if key.fileobj not in self._lines]
        if len(others) < len(ready):
            for line in tuple(self._lines):
                self._hear(line)
        return others

    def _hear(self, line: "Connection[Any, Any]") -> None:
        try:
            while line.poll():
                self.heard(*line.recv())
        except (EOFError, ConnectionResetError):
            self.gone()

    def heard(self, kind: str, what: Any) -> None:
        """Take a message."""
        raise NotImplementedError

    def gone(self) -> None:
        """Go on without the other."""
        raise NotImplementedError


class _Member:
    def __init__(self, line: Connection, heard: Callable[[Any], None], gone: asyncio.Future[None]) -> None:
        self.line = line
        self.heard = heard
        self.gone = gone
        self.answered = 0
        self.due = math.inf


class _Leader(_Lined):
    def __init__(self, loop: PatientLoop) -> None:
        super().__init__(loop)
        self._member: _Member | None = None
        self._asked = 0

    def join(self, member: _Member) -> None:
        self._member = member
        self.listen(member.line)

    @override
    def idle(self, timeout: float | None) -> Ready:
        member = self._member
        if member is None:
            return super().idle(timeout)
        self._asked += 1
        self._say(member, "ask", self._asked)
        while self._member is member and member.answered < self._asked:
            if ready := self.look(None):
                return ready
        ready = self.look_again(timeout)
        if ready or self._member is not member:  # what its end has set off is not seen by a selector
            return ready
        due = min(member.due, math.inf if timeout is None else self.loop.time() + timeout)
        if due == math.inf:
            return self.look(None)
        self.loop.let_pass(due - self.loop.time())
        self._say(member, "now", due)
        return []

    def _say(self, member: _Member, kind: str, what: Any) -> None:
        try:
            member.line.send((kind, what))
        except BrokenPipeError:
            self.gone()

    @override
    def heard(self, kind: str, what: Any) -> None:
        assert self._member is not None
        if kind == "idle":
            self._member.answered, self._member.due = what
        else:
            self._member.heard(what)

    @override
    def gone(self) -> None:
        member, self._member = self._member, None
        if member is None:
            return
        self.hang_up(member.line)
        if not member.gone.done():
            member.gone.set_result(None)


class _Follower(_Lined):
    def __init__(self, loop: PatientLoop, line: Connection) -> None:
        super().__init__(loop)
        self._line = line
        self.listen(line)
        self._asked: int | None = None

    @override
    def idle(self, timeout: float | None) -> Ready:
        if self._asked is not None:
            if ready := self.look_again(timeout):
                return ready
            due = math.inf if timeout is None else self.loop.time() + timeout
            self._line.send(("idle", (self._asked, due)))
            self._asked = None
        return self.look(None)

    @override
    def heard(self, kind: str, what: Any) -> None:
        if kind == "ask":
            self._asked = what
        else:
            self.loop.let_pass(max(0.0, what - self.loop.time()))

    @override
    def gone(self) -> None:
        raise SystemExit("the leader has gone")
