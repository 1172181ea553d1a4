"""The buttons below an outcome (`bot/ui/buttons/`), and what they answer with."""

from collections.abc import Mapping

BUTTONS: Mapping[str, str] = {
    "button.again": "Again",
    "button.edit": "Edit",
    "button.variations": "Variations",
    "button.upscale": "Upscale",
    "button.upscale_to": "Upscale to {resolution}",
    "button.full": "Full size",
    "button.details": "Details",
    "button.delete": "Delete",
    "button.which": "Which one?",
    "button.all": "All",
    "button.unknown": "Easel does not know this button any more. Use /imagine instead.",
    "button.elsewhere": "This button belongs to another message. Use /imagine instead.",
    "button.not_yours": "Only the person who asked for this can delete it, or someone who may manage messages here.",
    "button.no_picture": "That picture is no longer in this message. Use /imagine to make a new one.",
    "button.reference_gone": "{name}: this picture can no longer be fetched. “Edit” goes on from what you see here instead.",
    "button.mask_unfit": "This failed because of its mask, and would again.",
    "button.largest": "This is the largest size that its model makes. “Again” paints it once more.",
    "full_size.links": "The originals, as the image service made them:",
    "full_size.link": "- [Picture {number}](<{url}>), kept until <t:{until}:f> (<t:{until}:R>)",
    "full_size.link_ended": "- Picture {number} was kept until <t:{until}:f>.",
    "full_size.ended": "The image service kept the original until <t:{until}:f>; what is posted here is all that is left. “Again” paints a new one.",
    "full_size.ended_upscale": "The image service kept the original until <t:{until}:f>; what is posted here is all that is left. “Upscale” paints a larger one from it, “Again” a new one.",
    "full_size.none": "There is no original of this. “Again” paints a new one.",
}
