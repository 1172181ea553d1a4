"""`easel demo`: the real bot, as a process of its own, between the stand-ins of Discord and of the image gateway.

`program` is the entrance; it starts the stand-ins (`offline`) and the `bot_process`, which a `tether` ends with the
demo, and plays the `tour`, whose scenes are of `asking` and of `going_on`, or an `own_request`. `spectator` tells on
the `screen` what people do and what they see; `markup` makes messages readable.
"""

from bot.sandbox.demo.options import DemoOptions
from bot.sandbox.demo.program import demo

__all__ = ["DemoOptions", "demo"]
