"""A soak: thousands of jobs through the real bot, while everything around it fails now and then.

`python -m tests.soak` is the command; `soaking` puts it together. `people` ask for pictures in every way there is,
`failures` break exchanges at random, `book` writes down what was asked and what came of it and says which promise was
broken, `forgetting` keeps the stand-ins from growing, `vitals` measures, and `table` prints.

Bot and stand-ins share one process and a `PatientLoop`: so the minutes of pauses that follow from failures cost
nothing, no deadline passes because the machine is busy, and nothing of the bot's inside is out of reach. The price is
that the memory measured is that of both; the stand-ins therefore forget what is settled and checked.
"""
