"""What can be chosen, as it is shown in menus, forms and suggestions, and what sentences call a model's parameters.

What people may type for it is another matter (`bot/toapis/words.py`, `bot/toapis/flag_names.py`). A label of a
resolution that is sent back is read up to its “·”.
"""

from collections.abc import Mapping

CHOICES: Mapping[str, str] = {
    "ratio.auto": "Auto (as the first picture)",
    "ratio.1_1": "{ratio} square",
    "ratio.3_2": "{ratio} photo",
    "ratio.2_3": "{ratio} poster",
    "ratio.4_3": "{ratio} landscape",
    "ratio.3_4": "{ratio} portrait",
    "ratio.16_9": "{ratio} widescreen",
    "ratio.9_16": "{ratio} phone screen",
    "ratio.5_4": "{ratio} large format",
    "ratio.4_5": "{ratio} social post",
    "ratio.21_9": "{ratio} cinema",
    "ratio.4_1": "{ratio} banner",
    "ratio.1_4": "{ratio} tall banner",
    "ratio.8_1": "{ratio} strip",
    "ratio.1_8": "{ratio} tall strip",
    "resolution.pixels": "{resolution} · about {width} × {height} pixels",
    "option.google_search": "Google Search",
    "option.google_image_search": "Google Image Search",
    "option.orientation": "orientation",
    "option.temperature": "temperature",
    "option.top_p": "top P",
    "option.output": "file type and quality",
    "option.file_type": "file type",
    "option.quality": "quality",
    "option.mask": "mask",
    "option.people": "people",
    "option.safety_settings": "safety settings",
    "option.output_tokens": "output tokens",
}
