"""The till: closed when the gateway refuses a call for want of credit or for its key, opened by a balance check.

While it is closed nothing is submitted and new requests are refused, so that people are not kept waiting for what
cannot be paid. The operator is told once, and once more when the gateway has taken a request again.
"""

import asyncio
import logging
from collections.abc import Callable

from bot.clock import Clock
from bot.errors import EaselError, GatewayError, GatewayUnauthorized, OutOfBalance
from bot.jobs.ports import Painter
from bot.pauses import spread
from bot.texts import Text

_log = logging.getLogger(__name__)

_CHECK_PAUSES = (15.0, 30.0, 60.0, 120.0, 300.0)  # seconds at least between balance checks; the last repeats


class Till:
    """Whether requests can be paid for."""

    def __init__(self, gateway: Painter, clock: Clock, tell_operator: Callable[[Text], None]) -> None:
        self._gateway = gateway
        self._clock = clock
        self.tell = tell_operator
        self._reason: Text | None = None
        self._told = False
        self._told_to_wait = 0.0  # seconds until the next balance check, if the gateway said
        self._closed = asyncio.Event()

    @property
    def closed(self) -> Text | None:
        """Why nothing may be submitted now, in words for the user; None while it is open."""
        return self._reason

    def noticed(self, error: EaselError) -> None:
        """A call has failed: for want of credit, or for the key, close and tell the operator once."""
        if not isinstance(error, OutOfBalance | GatewayUnauthorized):
            return
        self._reason = error.text
        self._closed.set()
        if not self._told:
            self._told = True
            unauthorized = isinstance(error, GatewayUnauthorized)
            self.tell(Text("operator.unauthorized" if unauthorized else "operator.out_of_balance"))

    def paid(self) -> None:
        """The gateway took a submit: an outage that was told is over, and the next one is news."""
        if self._reason is None and self._told:
            self._told = False
            self.tell(Text("operator.works_again"))

    async def run(self) -> None:
        """While closed, look at the balance until it is back. Runs until cancelled."""
        while True:
            await self._clock.wait(self._closed, self._clock.now() + 3600)
            pauses = iter(_CHECK_PAUSES)
            while self._reason is not None:
                pause = spread(max(next(pauses, _CHECK_PAUSES[-1]), self._told_to_wait))
                await self._clock.wait(None, self._clock.now() + pause)
                if await self._has_credit():
                    self._reason = None
                    self._closed.clear()
                    _log.info("there is credit again; requests are sent again")

    async def _has_credit(self) -> bool:
        try:
            balance = await self._gateway.balance()
        except GatewayError as error:
            _log.warning("the balance check failed: %s", error)
            self._told_to_wait = error.retry_after or 0.0
            return False
        self._told_to_wait = 0.0
        return balance.unlimited or (balance.remaining is not None and balance.remaining > 0)
