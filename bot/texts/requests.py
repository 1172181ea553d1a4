"""What is wrong with a request (`bot/toapis/check.py`), and allowances (`bot/limits.py`).

<t:…> is shown by Discord in the reader's own time and language.
"""

from collections.abc import Mapping

REQUESTS: Mapping[str, str] = {
    "check.model_unknown": "There is no model called “{model}”. Choose one of: {models}.",
    "check.prompt_empty": "The prompt is empty. Say what you would like to see.",
    "check.prompt_too_long": "The prompt has {length} characters; {model} reads at most {limit}. Shorten it by {excess}.",
    "check.ratio_unknown": "{model} does not know the ratio “{ratio}”. It can do {ratios}.",
    "check.resolution_unknown": "{model} does not offer the resolution “{resolution}”. It offers {resolutions}.",
    "check.resolution_not_offered": "{model} has no choice of resolution. Leave that option empty.",
    "check.count_range": "The number of pictures is {count}; it must be between 1 and {limit}.",
    "check.references_too_many": "{model} takes at most {limit} reference pictures; the request has {count}. Use fewer; “Edit” lets you choose one.",
    "check.references_too_many_others": "{model} takes at most {limit} reference pictures; the request has {count}. Use fewer (“Edit” lets you choose one), or a model that takes more, such as {other} (`--model {alias}`).",
    "check.option_not_offered": "{model} has no option “{option}”. It can be used with {models}.",
    "check.option_unknown": "{model} has no option “{option}”. Leave it out.",
    "check.option_flag": "“{option}” cannot be {value}; for {model} it must be yes or no.",
    "check.option_number": "“{option}” cannot be {value}; for {model} it must be a number from {low} to {high}.",
    "check.option_whole_number": "“{option}” cannot be {value}; for {model} it must be a whole number from {low} to {high}.",
    "check.option_choice": "“{option}” cannot be {value}; for {model} it must be one of: {choices}.",
    "check.option_members": "“{option}” cannot be {value}; for {model} it needs values for: {members}.",
    "check.option_needs": "“{option}” works only together with “{needed}”. Ask for both, or for neither.",
    "check.option_reserved": "“{option}” is for Easel's operator to decide. Leave it out.",
    "check.quality_without_loss": "A PNG keeps every pixel, so it has no quality to set. Leave the quality out, or choose JPEG or WebP.",
    "check.mask_needs_reference": "A mask needs a reference picture of the same size to go with it. Please attach one, too.",
    "limits.user": "You have used {used} of your {limit} pictures per {hours} h and asked for {count} more. There is room for that again <t:{again_at}:R> (<t:{again_at}:f>).",
    "limits.user_room_one": "You have used {used} of your {limit} pictures per {hours} h and asked for {count} more. There is room for one of them right now, and for all of them <t:{again_at}:R> (<t:{again_at}:f>).",
    "limits.user_room_several": "You have used {used} of your {limit} pictures per {hours} h and asked for {count} more. There is room for {room} of them right now, and for all of them <t:{again_at}:R> (<t:{again_at}:f>).",
    "limits.user_never": "You asked for {count} pictures; nobody may have more than {limit} in {hours} h. Ask for fewer.",
    "limits.user_jobs": "You already have as many requests under way as you can have at a time: {count}. Ask again when one is done, or cancel one.",
    "limits.bot": "Easel has used {used} of its {limit} pictures per {hours} h for everyone, and you asked for {count} more. There is room for that again <t:{again_at}:R> (<t:{again_at}:f>).",
    "limits.bot_room_one": "Easel has used {used} of its {limit} pictures per {hours} h for everyone, and you asked for {count} more. There is room for one of them right now, and for all of them <t:{again_at}:R> (<t:{again_at}:f>).",
    "limits.bot_room_several": "Easel has used {used} of its {limit} pictures per {hours} h for everyone, and you asked for {count} more. There is room for {room} of them right now, and for all of them <t:{again_at}:R> (<t:{again_at}:f>).",
    "limits.bot_never": "You asked for {count} pictures; Easel makes at most {limit} in {hours} h. Ask for fewer.",
    "limits.bot_tasks_never": "Easel paints at most {limit} of this model's pictures at a time. Ask for fewer.",
    "limits.bot_tasks": "Too many pictures are being painted at once. Please try again in a minute.",
}
