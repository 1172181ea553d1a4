"""Whatever comes over the wire or stands in the database: the bot answers or ignores it, never dies, never charges.

With few examples, always the same, in the exhaustive run; `pytest -m fuzz --hypothesis-profile=long` tries many, and
others each time.
"""
