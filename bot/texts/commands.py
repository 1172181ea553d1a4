"""What Discord says of the slash commands and their options (`bot/ui/commands.py`): at most 100 characters each."""

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "command.imagine": "Paint pictures from your words.",
    "command.imagine.prompt": "What you would like to see.",
    "command.imagine.model": "The model that paints; if you leave it empty, your usual one or Nano Banana 2.",
    "command.imagine.ratio": 'The shape, such as 16:9 or "widescreen"; "auto" is that of your first picture.',
    "command.imagine.resolution": "The size, such as 2K.",
    "command.imagine.count": "How many pictures.",
    "command.imagine.image1": "A picture to work from.",
    "command.imagine.image2": "Another picture to work from.",
    "command.imagine.image3": "Another picture to work from.",
    "command.imagine.image4": "Another picture to work from.",
    "command.imagine.private": "Show progress and pictures only to you.",
    "command.imagine.spoiler": "Hide the pictures until someone wants to see them.",
    "command.imagine.mask": "A PNG as large as image1 that marks what may change (Nano Banana Pro).",
    "command.imagine.more": 'What else the model can do, such as "search" or "temperature 0.4, png".',
    "command.compose": "Fill in a form: for a long prompt, or many pictures to work from.",
    "command.compose.count": "How many pictures.",
    "command.compose.private": "Show progress and pictures only to you.",
    "command.compose.spoiler": "Hide the pictures until someone wants to see them.",
    "command.compose.more": 'What else the model can do, such as "search" or "temperature 0.4, png".',
    "command.history": "See what you have asked for, and paint it again, cancel it or delete it.",
    "command.defaults": "See or change your usual model, ratio, resolution and privacy.",
    "command.defaults.model": "The model that usually paints.",
    "command.defaults.ratio": 'The usual shape, such as 16:9; "auto" is that of your first picture.',
    "command.defaults.resolution": "The usual size, such as 2K.",
    "command.defaults.private": "Whether only you see progress and pictures.",
    "command.defaults.clear": "Forget what you set before.",
    "command.usage": "See how many pictures you have left, and when used ones come back.",
    "command.help": "Learn what Easel can do, with examples.",
}
