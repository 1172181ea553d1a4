"""The exceptions Easel raises itself, and what each means for the user and for a second try.

EaselError                   has a `text`: what the user may read
├── StartupError             one line and an exit code; never seen by users
│   ├── SettingsError        a setting is missing or wrong (exit 78)
│   └── DatabaseInUse        another Easel has it (exit 75)
├── Overtaken                what was to be written is no longer wanted: nothing is wrong
├── Refusal                  a request that is not taken, with the reasons; nothing was spent
├── GatewayError             what became of a call to ToAPIs; `repeat` says whether it may be made again
│   ├── GatewayUnreachable   no connection, so nothing was accepted            repeat: SAFE
│   ├── GatewayBusy          429, or 503 of its rate limiter; `retry_after`    repeat: SAFE
│   ├── GatewayUnclear       time-out, 5xx, dropped or unreadable answer       repeat: ASK_FIRST, if paid
│   ├── GatewayUnauthorized  the key is refused                                repeat: NEVER
│   ├── OutOfBalance         402, 403 or a quota code, in its own words         repeat: NEVER
│   ├── ContentRefused       422, or the policy code                           repeat: NEVER
│   ├── TaskUnknown          the gateway does not know the task                repeat: NEVER
│   ├── ModelUnavailable     no channel for the model                          repeat: NEVER
│   └── RequestRejected      any other 4xx                                     repeat: NEVER
├── DownloadError            a picture could not be fetched; `repeat` as above
│   ├── DownloadGone         403, 404 or another 4xx: expired or deleted       repeat: NEVER
│   ├── DownloadTooLarge     more bytes than allowed                           repeat: NEVER
│   ├── DownloadForbidden    a private address, or not http(s)                 repeat: NEVER
│   └── DownloadInterrupted  refused, stalled, short, 5xx                      repeat: SAFE
├── ImageError               bytes that are not a picture we can use
└── DeliveryError            Discord did not take it
    ├── DeliveryInterrupted  may or may not have been posted; try the same again
    └── DeliveryBlocked      this way is closed (no permission, no channel, token over); try the next
"""

import enum

from bot.texts import Text

EXIT_TEMPORARY = 75  # EX_TEMPFAIL of sysexits.h: a supervisor may try again
EXIT_SETTINGS = 78  # EX_CONFIG


class Repeat(enum.Enum):
    """May the call that failed be made again?"""

    SAFE = "safe"  # nothing was accepted
    ASK_FIRST = "ask first"  # it may have been accepted: look before a paid call is made again
    NEVER = "never"  # the same call would fail in the same way


class EaselError(Exception):
    """The root. `text` is what the user may read; the exception's own words are for the log."""

    text = Text("internal")

    def __init__(self, message: str = "", *, text: Text | None = None) -> None:
        super().__init__(message or str(text or self.text))
        if text is not None:
            self.text = text


class StartupError(EaselError):
    """The program cannot start. Its message is one line for the operator."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class SettingsError(StartupError):
    """A setting is missing or wrong; the message names the variable and what is expected."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=EXIT_SETTINGS)


class DatabaseInUse(StartupError):
    """Another Easel is running on the same database."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=EXIT_TEMPORARY)


class DatabaseFailed(EaselError):
    """The database refused a transaction or a reading: locked for long, full, damaged, or against a constraint."""


class Overtaken(EaselError):
    """What was to be written is no longer wanted, because something else was written first. Nothing is wrong."""


class Refusal(EaselError):
    """A request that is not taken. `texts` are all the reasons; nothing was spent."""

    def __init__(self, *texts: Text) -> None:
        super().__init__("; ".join(text.key for text in texts), text=texts[0])
        self.texts = texts


class GatewayError(EaselError):
    """A call to ToAPIs that did not succeed.

    Attributes:
        repeat: whether the call may be made again; a doubt about a call that costs nothing is SAFE.
        status: the HTTP status, if an answer came.
        code: the gateway's own error code, if it gave one.
        retry_after: seconds the gateway asks us to wait, if it said.
    """

    text = Text("gateway.not_understood")
    repeat = Repeat.NEVER

    def __init__(  # noqa: PLR0913  every fact is optional and named
        self,
        message: str = "",
        *,
        text: Text | None = None,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        repeat: Repeat | None = None,
    ) -> None:
        super().__init__(message, text=text)
        if repeat is not None:
            self.repeat = repeat
        self.status = status
        self.code = code
        self.retry_after = retry_after


class GatewayUnreachable(GatewayError):
    """No connection was made: nothing was accepted."""

    text = Text("gateway.unreachable")
    repeat = Repeat.SAFE


class GatewayBusy(GatewayError):
    """429, or the rate limiter's 503: nothing was accepted."""

    text = Text("gateway.busy")
    repeat = Repeat.SAFE


class GatewayUnclear(GatewayError):
    """The request went out and no usable answer came back: it may have been accepted."""

    text = Text("gateway.unreachable")
    repeat = Repeat.ASK_FIRST


class GatewayUnauthorized(GatewayError):
    """The gateway refuses the key: the operator's to mend."""

    text = Text("gateway.unauthorized")


class OutOfBalance(GatewayError):
    """The account has no credit left: the operator's to mend."""

    text = Text("gateway.out_of_balance")


class ContentRefused(GatewayError):
    """The prompt or a picture breaks the gateway's content rules."""

    text = Text("gateway.content_refused")


class TaskUnknown(GatewayError):
    """The gateway does not know the task that was asked for."""

    text = Text("gateway.task_unknown")


class ModelUnavailable(GatewayError):
    """The gateway has no channel for the model."""


class RequestRejected(GatewayError):
    """The gateway calls the request wrong (any other 4xx)."""


class DownloadError(EaselError):
    """A picture could not be fetched.

    Attributes:
        repeat: whether it may be tried again.
        retry_after: seconds the file host asks us to wait, if it said.
    """

    repeat = Repeat.NEVER

    def __init__(self, message: str = "", *, text: Text | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, text=text)
        self.retry_after = retry_after


class DownloadGone(DownloadError):
    """403, 404 or another 4xx that will not pass: the link has expired or the file was deleted."""


class DownloadTooLarge(DownloadError):
    """More bytes than allowed, told by the header or found while reading.

    Attributes:
        announced: how many the file has by the header; None if that did not say.
    """

    def __init__(self, message: str = "", *, text: Text | None = None, announced: int | None = None) -> None:
        super().__init__(message, text=text)
        self.announced = announced


class DownloadForbidden(DownloadError):
    """The link leads to a private address or is not http(s)."""


class DownloadInterrupted(DownloadError):
    """Refused, stalled, cut short or answered with 5xx: worth another try."""

    repeat = Repeat.SAFE


class ImageError(EaselError):
    """Bytes that are not a picture we can use."""


class DeliveryError(EaselError):
    """Discord did not take what we sent."""


class DeliveryInterrupted(DeliveryError):
    """Whether it was posted is not known; the same again is safe (same nonce, or an edit).

    Attributes:
        retry_after: seconds that Discord, or what stands before it, asks us to wait, at most an hour; 0: it does not.
        begun: whether anything was sent; if not, it was surely not posted by this.
    """

    def __init__(self, message: str = "", *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.begun = True


class DeliveryTooLarge(DeliveryError):
    """413, or Discord's code 40005, although the stated limit was kept: smaller files may pass."""


class DeliveryBlocked(DeliveryError):
    """This way is closed: no permission, no such channel, token over. The next way may be open."""
