"""A stand-in of the ToAPIs image gateway: real servers on loopback that keep its rules, and break them on demand.

`server` is the entrance. `rules` says what is accepted, `envelopes` how errors are worded, `tasks` what becomes of a
task, `account` what the key may spend and ask, `files` serves uploads and results, `references` fetches what a request
refers to, and `painting` (with `backdrop`, `lettering` and `pixels`) makes the pictures.
"""

from bot.sandbox.toapis.account import REAL_LIMITS, Window
from bot.sandbox.toapis.envelopes import Envelope, Refusal
from bot.sandbox.toapis.files import Upload
from bot.sandbox.toapis.rules import MODELS, Model, Request
from bot.sandbox.toapis.server import ToapisServer
from bot.sandbox.toapis.tasks import Reference, Script, Task

__all__ = [
    "MODELS",
    "REAL_LIMITS",
    "Envelope",
    "Model",
    "Reference",
    "Refusal",
    "Request",
    "Script",
    "Task",
    "ToapisServer",
    "Upload",
    "Window",
]
