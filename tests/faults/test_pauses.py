"""The judge of pauses sees what is wrong with them."""

from collections.abc import Sequence

import pytest

from bot.sandbox.record import Exchange
from tests.clocks import START
from tests.faults.pauses import about_pauses

FINE = ""


def asked(moment: float, status: int | None, retry_after: str | None) -> Exchange:
    return Exchange(
        number=1,
        at=START + moment,
        service="toapis",
        method="POST",
        path="/v1/uploads/images",
        route="/uploads/images",
        query={},
        authorization=None,
        content_type=None,
        body=None,
        files=(),
        status=status,
        answer=None,
        acted=False,
        retry_after=retry_after,
    )


@pytest.mark.parametrize(
    ("moments", "told", "complaint"),
    [
        ((0.0, 1.1, 3.4, 8.7), None, FINE),
        ((0.0, 7.0001, 15.2), "7", FINE),
        ((0.0, 30.0, 61.3), None, FINE),  # the one may be by chance
        ((0.0, 1.0, 3.0, 8.0), None, "asked again after exactly 1, 2, 5 s"),
        ((0.0, 7.0, 14.0), "7", "asked again after exactly 7, 7 s"),
        ((0.0, 6.9, 14.1), "7", "told to wait 7 s"),
        ((0.0, 5.3, 7.4), None, "and before that after 5.30 s"),
    ],
)
def test_what_is_wrong_with_pauses(moments: Sequence[float], told: str | None, complaint: str) -> None:
    complaints = list(about_pauses([asked(moment, 503, told) for moment in moments]))

    assert bool(complaints) == bool(complaint)
    assert all(complaint in each for each in complaints)
