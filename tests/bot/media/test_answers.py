"""What is read of a process's answer, and what is not."""

import pickle
from io import BytesIO

import pytest

from bot.errors import ImageError
from bot.media import answers
from bot.media.answers import ForeignAnswer, read_answer
from bot.media.fitting import Fitted
from bot.media.formats import ImageFormat
from bot.media.opening import ImageInfo
from bot.media.references import PreparedReference
from bot.texts import Text

REFERENCE = PreparedReference(data=b"x", content_type="image/png", filename="a.png", width=1, height=2, reduced=False)
FITTED = Fitted(data=b"x" * 100_000, content_type="image/png", extension="png", width=1, height=2, reduced=True)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        (3, 4),
        REFERENCE,
        FITTED,
        *(ImageInfo(format=kind, width=1, height=2) for kind in ImageFormat),
    ],
)
def test_all_that_is_answered_is_read_as_it_was(answer: object) -> None:
    assert read_answer(BytesIO(pickle.dumps(answer))) == answer


@pytest.mark.parametrize(
    "error", [ImageError("why", text=Text("image.damaged", {"name": "a"})), MemoryError(), RuntimeError("a traceback")]
)
def test_all_that_is_raised_is_read_as_it_was(error: Exception) -> None:
    read = read_answer(BytesIO(pickle.dumps(error)))
    assert isinstance(read, type(error))
    assert (read.args, vars(read)) == (error.args, vars(error))


def test_a_class_is_no_answer() -> None:
    with pytest.raises(ForeignAnswer):
        read_answer(BytesIO(pickle.dumps(ImageInfo)))


@pytest.mark.parametrize("known", answers._KNOWN.values())
@pytest.mark.parametrize("state", [{"evil": 1}, (None, {"evil": 1})], ids=["fields", "slots"])
def test_nothing_of_ours_is_changed_by_reading(known: type, state: object) -> None:
    named = pickle.dumps(known, protocol=2)[:-1]  # without the end
    with pytest.raises(ForeignAnswer):
        read_answer(BytesIO(named + pickle.dumps(state, protocol=2)[2:-1] + pickle.BUILD + pickle.STOP))
    assert not hasattr(known, "evil")


def test_a_kind_of_picture_is_not_changed_by_reading() -> None:
    named = pickle.dumps(ImageFormat.PNG, protocol=2)[:-1]
    state = pickle.dumps({"_value_": "evil"}, protocol=2)[2:-1]
    with pytest.raises(ForeignAnswer):
        read_answer(BytesIO(named + state + pickle.BUILD + pickle.STOP))
    assert ImageFormat.PNG.value == "PNG"


@pytest.mark.parametrize(
    "broken",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"cbuiltins\ngetattr\n.",
        b"cbot.texts\nENGLISH.clear\n.",
        b"cbot.texts\nText\n(tR.",
        b"cbot.media.formats\nImageFormat\n(S'none'\ntR.",
    ],
)
def test_what_is_no_answer_is_refused(broken: bytes) -> None:
    with pytest.raises(ForeignAnswer):
        read_answer(BytesIO(broken))


@pytest.mark.parametrize("end", [0, 1, 10, 50_000])
def test_what_is_broken_off_is_told_apart(end: int) -> None:
    with pytest.raises((EOFError, pickle.UnpicklingError)):
        read_answer(BytesIO(pickle.dumps(FITTED)[:end]))
