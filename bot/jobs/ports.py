"""What the engine needs of the world outside, as small protocols which that world implements; no Discord in here."""

from collections.abc import Callable
from typing import Protocol

from bot.jobs.job import Job
from bot.jobs.order import Route
from bot.jobs.outcome import Outcome, Posted, Progress
from bot.texts import Text
from bot.toapis.pacing import Turn
from bot.toapis.schema import Balance, ImageRequest, TaskStatus, Uploaded


class Painter(Protocol):
    """The image gateway (`bot.toapis.client.ToapisClient`). Every method raises `GatewayError`."""

    async def upload(self, data: bytes, *, filename: str, content_type: str, in_vain: Callable[[], bool]) -> Uploaded:
        """Put a reference where the gateway can read it; `in_vain` says that it need not be tried again."""
        ...

    async def submit(  # noqa: PLR0913  every argument is named
        self,
        request: ImageRequest,
        *,
        count: int,
        image_urls: tuple[str, ...],
        mask_url: str | None,
        business_id: str,
        turn: Turn,
    ) -> TaskStatus:
        """The paid step: ask for `count` pictures, once. The caller settles what `Repeat.ASK_FIRST` leaves open."""
        ...

    def line_up(self) -> Turn:
        """A turn to submit, to be waited for."""
        ...

    async def status(self, task_id: str) -> TaskStatus:
        """Ask once, by the gateway's id or by our own."""
        ...

    async def download(self, url: str, *, limit: int, name: str) -> bytes:
        """Fetch a result; raises `DownloadError`."""
        ...

    async def balance(self) -> Balance:
        """What the account has left."""
        ...


class Delivery(Protocol):
    """Shows people what becomes of their job (`bot.ui.delivery.Delivery`)."""

    async def progress(self, job: Job, progress: Progress) -> None:
        """Show how far the job is. A courtesy: returns at once, never raises, may skip what is outdated by then."""
        ...

    async def post(self, job: Job, outcome: Outcome, route: Route) -> Posted:
        """Show the outcome on this way, once.

        A repeated call for the same job and way within two minutes shows nothing twice: an ordinary message carries
        `job.nonce`, an edit is an edit.

        Raises:
            DeliveryInterrupted: it may or may not be there now.
            DeliveryTooLarge: the way takes only smaller files than it said.
            DeliveryBlocked: this way is closed.
        """
        ...

    async def find(self, job: Job, route: Route) -> Posted | None:
        """Look whether a message posted since `job.delivering_at` on this way carries the job; None: surely not.

        Raises:
            DeliveryInterrupted: could not look right now.
            DeliveryBlocked: looking there proves nothing.
        """
        ...

    async def tidy(self, job: Job) -> None:
        """Take the "painting…" message away, if it is not itself the outcome. Raises `DeliveryInterrupted`."""
        ...

    async def cancelled(self, job: Job) -> None:
        """Say in place of the progress that the job is cancelled and what counts; nothing overwrites it.

        Raises:
            DeliveryInterrupted: it may or may not be there now; saying it again is safe.
            DeliveryBlocked: nothing leads to the message any more.
        """
        ...

    async def tell_operator(self, text: Text) -> None:
        """Tell whoever runs the bot. Never raises."""
        ...

    def size_limit(self, job: Job, route: Route, /) -> int:
        """Bytes per file on this way."""
        ...
