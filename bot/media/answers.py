"""What a process that works on pictures may answer, and nothing else.

It has read a stranger's file, and may do the stranger's will by now, while the bot holds the token and the key. Pickle
calls what it is told to call; so it is given the few types that answers consist of, which do nothing when made.
None of them takes a new state as a whole class: `slots=True`, exceptions and `ImageFormat` see to that.
"""

import pickle
from typing import Any, BinaryIO

from typing_extensions import override

from bot.errors import ImageError
from bot.media.fitting import Fitted
from bot.media.formats import ImageFormat
from bot.media.opening import ImageInfo
from bot.media.references import PreparedReference
from bot.texts import Text

# Besides numbers, strings, bytes, None and what holds those, which pickle makes without asking.
_KNOWN: dict[tuple[str, str], type] = {
    (known.__module__, known.__qualname__): known
    for known in (Fitted, ImageFormat, ImageInfo, PreparedReference, ImageError, Text, MemoryError, RuntimeError)
}


class ForeignAnswer(Exception):
    """What came is no answer of ours; nothing of it was carried out."""


class _Reader(pickle.Unpickler):
    @override
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (known := _KNOWN.get((module_name, global_name))) is None:
            raise ForeignAnswer(f"{module_name}.{global_name}")
        return known


def read_answer(answers: BinaryIO) -> object:
    """The next answer: what the work returned, or the exception that it raised.

    Raises:
        ForeignAnswer: it is made of something else.
        OSError, EOFError, pickle.UnpicklingError: it is broken off, as by a process that dies.
    """
    try:
        answer: object = _Reader(answers).load()
    except (ForeignAnswer, OSError, EOFError, pickle.UnpicklingError):
        raise
    except Exception as error:  # whatever a type says to what it was never meant to be given
        raise ForeignAnswer(repr(error)) from error
    if isinstance(answer, type):
        raise ForeignAnswer(f"{answer} itself")
    return answer
