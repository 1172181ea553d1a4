import asyncio
from dataclasses import replace

from bot.errors import DeliveryBlocked, DeliveryInterrupted
from bot.jobs.job import Job
from bot.jobs.order import Origin
from bot.ui.progress import EDIT_EVERY, ProgressBoard, Shown
from tests.clocks import START, FastClock
from tests.orders import place
from tests.samples import job


class Answer:
    """The answer to a command: what edits did to it; `gate` holds an edit under way until it is set."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.errors: list[Exception] = []
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def edit(self, _: Job, shown: Shown) -> None:
        self.begun.set()
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.texts.append(shown.content)


async def turns(count: int = 20) -> None:
    """Let everything run that can."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_already_shown_is_not_written_again() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    board.show(painted, Shown("waiting"), already=Shown("waiting"))
    clock.advance(60)
    await turns()
    assert answer.texts == []


async def test_the_latest_state_wins() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    for text in ("10 %", "20 %", "30 %"):
        board.show(painted, Shown(text), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await turns()
    assert answer.texts == ["30 %"]


async def test_edits_keep_their_distance() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await turns()
    board.show(painted, Shown("20 %"), already=Shown("waiting"))
    await turns()
    clock.advance(EDIT_EVERY - 0.1)
    await turns()
    assert answer.texts == ["10 %"]
    clock.advance(0.2)
    await turns()
    assert answer.texts == ["10 %", "20 %"]
    await board.stop()


async def test_nothing_is_written_after_the_board_is_closed() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    await board.close(painted)
    board.show(painted, Shown("90 %"), already=Shown("waiting"))
    clock.advance(60)
    await turns()
    assert answer.texts == []


async def test_progress_that_is_reported_late_does_not_open_a_closed_job() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    await board.close(painted)
    board.show(painted, Shown("90 %"), already=Shown("waiting"))
    clock.advance(60)
    await turns()
    assert answer.texts == []


async def test_closing_waits_for_the_edit_under_way() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    answer.gate.clear()
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await answer.begun.wait()
    closing = asyncio.create_task(board.close(painted))
    await turns()
    assert not closing.done()
    answer.gate.set()
    await closing
    assert answer.texts == ["10 %"]


async def test_an_edit_that_hangs_does_not_hold_up_the_outcome_for_ever() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    answer.gate.clear()
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await answer.begun.wait()
    closing = asyncio.create_task(board.close(painted))
    await clock.until_waiting()
    clock.advance(60)
    await closing
    answer.gate.set()
    await turns()
    assert answer.texts == []


async def test_nothing_is_written_once_the_token_is_over() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(15 * 60)
    await turns()
    board.show(painted, Shown("20 %"), already=Shown("waiting"))
    await turns()
    assert answer.texts == []


async def test_an_answer_that_is_gone_is_left_alone() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    answer.errors = [DeliveryBlocked("gone")]
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await turns()
    board.show(painted, Shown("20 %"), already=Shown("waiting"))
    clock.advance(EDIT_EVERY)
    await turns()
    assert answer.texts == []


async def test_an_edit_that_fails_in_passing_is_followed_by_the_next() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    answer.errors = [DeliveryInterrupted("dropped")]
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await turns()
    board.show(painted, Shown("20 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await turns()
    assert answer.texts == ["20 %"]


async def test_stopping_breaks_off_what_is_under_way() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    answer.gate.clear()
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await answer.begun.wait()
    await board.stop()
    answer.gate.set()
    await turns()
    assert answer.texts == []


async def test_jobs_whose_tokens_are_over_are_forgotten() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    await board.close(painted)
    clock.advance(15 * 60)
    later = replace(painted.place, token_expires_at=clock.now() + 900)
    await board.close(replace(job(), place=later))
    assert len(board._closed) == 1


def asked_in_words() -> Job:
    return replace(job(), place=place(origin=Origin.MESSAGE, token=None, token_expires_at=START))


async def test_the_progress_of_a_request_in_words_is_shown_although_it_has_no_token() -> None:
    clock, answer, painted = FastClock(), Answer(), asked_in_words()
    board = ProgressBoard(answer.edit, clock)
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(20 * 60)
    await turns()
    assert answer.texts == ["10 %"]
    await board.stop()


async def test_the_progress_of_a_request_in_words_is_forgotten_in_the_end() -> None:
    clock, answer = FastClock(), Answer()
    board = ProgressBoard(answer.edit, clock)
    await board.close(asked_in_words())
    clock.advance(86_400)
    await board.close(replace(asked_in_words(), created_at=clock.now()))
    assert len(board._closed) == 1


async def test_nothing_of_a_job_is_kept_once_it_has_ended_and_nothing_more_is_shown() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    board = ProgressBoard(answer.edit, clock)
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await turns()
    await board.close(painted)
    assert not board._lines
    board.show(painted, Shown("20 %"), already=Shown("waiting"))
    clock.advance(60)
    await turns()
    assert answer.texts == ["10 %"]
    assert not board._lines


async def test_an_edit_that_was_told_to_wait_is_not_followed_by_another_before() -> None:
    clock, answer, painted = FastClock(), Answer(), job()
    answer.errors = [DeliveryInterrupted("429", retry_after=60.0)]
    board = ProgressBoard(answer.edit, clock)
    board.show(painted, Shown("10 %"), already=Shown("waiting"))
    await clock.until_waiting()
    clock.advance(EDIT_EVERY)
    await turns()
    board.show(painted, Shown("20 %"), already=Shown("waiting"))
    clock.advance(59.0)
    await turns()
    assert answer.texts == []
    clock.advance(1.0)
    await turns()
    assert answer.texts == ["20 %"]
