"""What can go wrong with downloads: of results from the gateway's file host, of references from Discord's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.media import SOURCE_BYTES
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from bot.sandbox.toapis.tasks import Served
from tests.faults.matrix import CDN, RESULT, STATUS, Count, Expected, Outage, Row
from tests.faults.rows import PAGE, answer, fault, lost, painted, refused, row
from tests.workshop import picture

_MINUTES = 120.0  # seconds for which a result lives
_TO_ITSELF = {"Location": "?again"}
_INSIDE = {"Location": "http://169.254.169.254/latest/meta-data"}
_ELSEWHERE = {"Location": "ftp://127.0.0.1/1.png"}
_AT_HOME = {"result": {"data": [{"url": "http://127.0.0.2/1.png"}]}}
_NOBODY_LISTENS = {"result": {"data": [{"url": "https://127.0.0.1:9/1.png"}]}}

NO_PICTURES: Sequence[Served | bytes] = ("text", "html", "truncated", b"", b"\x89PNG\r\n\x1a\n")


def _passing(on: str) -> dict[str, Fault]:
    """What may pass, so that it is tried again."""
    return {
        "dropped": fault(on, drop=True),
        "silent": fault(on, silent=True),
        "stalled": fault(on, stall_after=20),
        "short": fault(on, stall_after=20, drop=True),
        "500": answer(on, 500, PAGE),
        "503": answer(on, 503, PAGE),
        "429": answer(on, 429, PAGE, headers={"Retry-After": "25"}),
    }


def _gone(on: str) -> dict[str, Fault]:
    """What will not pass."""
    return {
        "403": answer(on, 403, PAGE),
        "404": answer(on, 404, "This content is no longer available."),
        "410": answer(on, 410, PAGE),
    }


FOR_EVER: Mapping[str, Count] = {"dropped": 16, "stalled": (4, 6), "503": 8}  # within the life of a result


def _gone_for_good(result: Count) -> Expected:
    return lost("job.result_gone", result=result)


def _results() -> Iterator[Row]:
    for name, trouble in _gone(RESULT).items():
        yield row(f"result: {name}", [trouble], _gone_for_good(1))
    for name, trouble in _passing(RESULT).items():
        yield row(f"result: {name}", [replace(trouble, times=3)], painted(result=4))
    for name, times in FOR_EVER.items():
        trouble = replace(_passing(RESULT)[name], times=0)
        yield row(f"result: {name} for ever", [trouble], _gone_for_good(times), scripts=[Script(lifetime=_MINUTES)])
    for served in NO_PICTURES:
        name = served if isinstance(served, str) else f"{len(served)} bytes"
        yield row(f"result: is {name}", [], lost("job.result_unusable", result=1), scripts=[Script(picture=served)])
    yield row("result: is huge", [], painted(result=2), scripts=[Script(picture="huge")])
    yield row("result: redirects for ever", [answer(RESULT, 302, headers=_TO_ITSELF, times=0)], _gone_for_good(4))
    yield row("result: redirects inside", [answer(RESULT, 302, headers=_INSIDE)], _gone_for_good(1), guarded=True)
    yield row("result: redirects away from the web", [answer(RESULT, 302, headers=_ELSEWHERE)], _gone_for_good(1))
    yield row("result: is inside", [], _gone_for_good(0), scripts=[Script(members=_AT_HOME)], guarded=True)
    unheard = Script(members=_NOBODY_LISTENS, lifetime=_MINUTES)
    yield row("result: has nobody who listens", [], _gone_for_good(0), scripts=[unheard])
    yield row("result: no connection", [], painted(), outage=Outage(after=STATUS, seconds=60))


def _attached(cdn: Count) -> Expected:
    return painted(upload=1, cdn=cdn)


def _not_attached(says: str, cdn: Count = 1) -> Expected:
    return refused(says, submit=0, cdn=cdn)


def _references() -> Iterator[Row]:
    for name, trouble in _gone(CDN).items():
        yield _with_picture(name, [trouble], _not_attached("download.gone"))
    for name, trouble in _passing(CDN).items():
        yield _with_picture(name, [trouble], _attached(2))
        tries = {"dropped": 8, "silent": (3, 4)}.get(name, 4)  # aiohttp asks twice; what hangs is recorded at its end
        yield _with_picture(
            f"{name} for ever", [replace(trouble, times=0)], _not_attached("download.interrupted", tries)
        )
    larger, too_large = picture(size=(300, 200)), bytes(SOURCE_BYTES + 1)
    # What is larger than it was said to be is fetched again once there is room for it.
    yield _with_picture("larger than said", [answer(CDN, 200, larger, times=0)], _attached(2))
    yield _with_picture("too large", [answer(CDN, 200, too_large, times=0)], _not_attached("download.too_large", 2))
    yield _with_picture("HTML", [answer(CDN, 200, PAGE)], _not_attached("image.not_an_image"))
    yield _with_picture("nothing", [answer(CDN, 200, b"")], _not_attached("image.not_an_image"))
    half = [answer(CDN, 200, larger[: len(larger) // 2], times=0)]
    yield _with_picture("half of it", half, _not_attached("image.damaged", 2))
    yield _with_picture(
        "redirects for ever", [answer(CDN, 302, headers=_TO_ITSELF, times=0)], _not_attached("download.gone", 4)
    )
    yield _with_picture(
        "redirects inside",
        [answer(CDN, 302, headers=_INSIDE)],
        _not_attached("download.forbidden_address"),
        guarded=True,
    )


def _with_picture(name: str, faults: Sequence[Fault], expected: Expected, **more: Any) -> Row:
    return row(f"reference: {name}", faults, expected, references=[picture()], **more)


DOWNLOADS: Sequence[Row] = (*_results(), *_references())
