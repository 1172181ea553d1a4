"""Requests in words: answers to pictures, mentions, direct messages (`cogs/edit.py`)."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "words.how_to": "Mention Easel and say what you would like to see, with pictures to work from if you like. Or answer a picture of Easel's with what to change in it.",
    "words.how_to_direct": "Write what you would like to see, and attach pictures to work from if you like. Or answer a picture with what to change in it.",
    "words.missing": "What would you like to be done with it? Send the picture again and write your wish in the same message, such as “make it night”.",
    "words.missing_answer": "What would you like to be changed? Answer the picture with your wish in words, such as “make it night”.",
    "words.hint": "Discord does not show Easel what this is about. Right-click the picture you mean (on a phone: press it long) and choose **Apps › {command}**.",
    "words.gone": "The message that you answered is no longer there. Answer another one, or attach the picture itself.",
    "words.private": "What is asked for in a channel is shown there to everyone. Leave --private out, use /imagine with the option “private”, or write to Easel in a direct message.",
    "words.no_permission": "Easel cannot paint what you asked for in <#{channel_id}>, because it may not post pictures there. It lacks this permission: {permission}. Someone who manages the server can grant it; until then, use /imagine there.",
}
