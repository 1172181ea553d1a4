from hypothesis import given
from hypothesis import strategies as st

from bot.pauses import WIDEST, spread


@given(st.floats(0.0, 1e6), st.floats(0.0, 1.0))
def test_a_pause_is_never_shortened_and_its_growth_has_an_end(seconds: float, share: float) -> None:
    assert seconds <= spread(seconds, by=share) <= seconds + min(seconds * share, WIDEST)


def test_equal_pauses_come_out_different() -> None:
    assert len({spread(5.0) for _ in range(20)}) == 20
