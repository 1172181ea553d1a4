"""What is told of a request to whoever asks (`bot/ui/details.py`)."""

from collections.abc import Mapping

DETAILS: Mapping[str, str] = {
    "details.none": "Easel knows nothing about this message. Choose a message with pictures that Easel has made.",
    "details.header": "### Image details",
    "details.prompt": "> {prompt}",
    "details.in_file": "-# The whole prompt and the command for it are in the file below.",
    "details.model": "**Model:** {model}",
    "details.ratio": "**Ratio:** {ratio}",
    "details.ratio_auto": "**Ratio:** Auto, which became {ratio}",
    "details.ratio_open": "**Ratio:** left to the model",
    "details.resolution": "**Resolution:** {resolution}",
    "details.resolution_usual": "**Resolution:** {resolution}, the model's own",
    "details.count": "**Pictures asked for:** {count}",
    "details.options": "**More:** {options}",
    "details.references": "**Reference pictures:** {count}",
    "details.references_mask": "**Reference pictures:** {count}, and a mask",
    "details.asked": "**Asked for by** {owner}, <t:{at}:f>",
    "details.took": "**Took:** {seconds} s",
    "details.took_minutes": "**Took:** {minutes} min {seconds} s",
    "details.failed": "**Nothing came of it:** {reason}",
    "details.counted": "**Counts against the allowance:** {count} of {wanted}",
    "details.charged": "**Image service:** took {accepted}, gave back {refunded}, unclear {unclear}",
    "details.lineage": "**Goes on from**, the oldest first:",
    "details.earlier": "- … and earlier ones",
    "details.ancestor": "- <t:{at}:d> {prompt}",
    "details.ancestor_linked": "- <t:{at}:d> {prompt} {link}",
    "details.ancestor_hidden": "- <t:{at}:d> a request from elsewhere",
    "details.command": "**The same again**, to copy:\n```\n{command}\n```",
    "details.command_pictures": "-# A command cannot carry the reference pictures; attach them again.",
    "details.file": "Prompt:\n\n{prompt}\n\nCommand:\n\n{command}\n",
}
