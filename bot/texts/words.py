"""Requests in words: answers to pictures, mentions, direct messages (`cogs/edit.py`)."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "words.how_to": "Mention Easel and say what you would like to see, with pictures to work from if you like. Or reply to one of Easel's pictures and say what to change.",
    "words.how_to_direct": "Write what you would like to see, and attach pictures to work from if you like. Or reply to a picture and say what to change.",
    "words.missing": "What would you like done with it? Send the picture again and write your wish in the same message, such as “make it night”.",
    "words.missing_answer": "What would you like to change? Reply to the picture and write your wish, such as “make it night”.",
    "words.hint": "Discord does not show Easel what this is about. Right-click the message with the picture you mean (on a phone: press and hold it) and choose **Apps › {command}**.",
    "words.after_failure": "To ask again in other words, press “{button}” below that message, or mention Easel and write what you would like to see.",
    "words.gone": "The message you replied to is no longer there. Reply to another one, or attach the picture itself.",
    "words.private": "What you ask for in words is shown to everyone in the channel. Leave --private out, use /imagine with the option “private”, or send Easel a direct message.",
    "words.no_permission": "Easel cannot paint what you asked for in <#{channel_id}>, because it may not post pictures there. It lacks this permission: {permission}. Someone who manages the server can grant it; until then, use /imagine there.",
    "permission.view_channel": "View Channel",
    "permission.send_messages": "Send Messages",
    "permission.send_in_threads": "Send Messages in Threads",
    "permission.attach_files": "Attach Files",
}
