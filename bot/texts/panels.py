"""Private answers about oneself and about Easel: `/usage`, `/help`. The examples are typed as they stand."""

from collections.abc import Mapping

PANELS: Mapping[str, str] = {
    "usage.images": "**Pictures** {bar} {used} of {limit} used in the last {hours} h",
    "usage.unused": "-# All of them are yours to use.",
    "usage.back": "-# Used pictures come back <t:{all_at}:R> (<t:{all_at}:f>).",
    "usage.back_by_and_by": "-# The next comes back <t:{next_at}:R> (<t:{next_at}:f>), the last of them <t:{all_at}:R> (<t:{all_at}:f>).",
    "usage.jobs": "**Requests under way** {bar} {jobs} of at most {limit}",
    "usage.room": "Easel has room for more requests.",
    "usage.no_room": "Easel is painting as much as it may for everyone at present. Please try again later.",
    "help.about": "Easel paints: say what you would like to see, attach pictures to work from if you like, and the result is posted here.",
    "help.examples": "**Try**\n`/imagine prompt:a lighthouse at dusk, in watercolour`\n`/imagine prompt:a poster for a summer fair ratio:3:4 resolution:2K`\n`/imagine prompt:this cat as an astronaut image1:` (and attach a picture)",
    "help.commands": "**Commands**",
    "help.command": "- {command}: {description}",
    "help.menus": "**In a message’s or a person’s menu, under Apps**",
    "help.menu": "- {command}",
    "help.allowance": "You may have {limit} pictures per {hours} h, and {left} of them are left.",
}
