"""What someone usually wants (`/defaults`)."""

from collections.abc import Mapping

DEFAULTS: Mapping[str, str] = {
    "defaults.title": "**Unless you say otherwise, your requests use:**",
    "defaults.model": "- Model: {model}",
    "defaults.model_of_easel": "- Model: {model}, Easel's default",
    "defaults.ratio": "- Ratio: {ratio}",
    "defaults.ratio_auto": "- Ratio: that of your first picture, or the model's default",
    "defaults.resolution": "- Resolution: {resolution}",
    "defaults.resolution_of_model": "- Resolution: the model's default",
    "defaults.private": "- Seen by: you alone",
    "defaults.private_words": "-# What you ask for by answering or mentioning Easel in a channel is shown there to everyone all the same.",
    "defaults.public": "- Seen by: everyone in the channel",
    "defaults.unused": "-# {model} does not offer {value}, so it is left out there; other models may have it.",
    "defaults.how": "-# Change it with the options of this command; `clear:True` forgets what you set.",
}
