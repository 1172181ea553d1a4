"""What buttons have in common that work for as long as their message exists, after every restart."""

import re
from typing import Any, ClassVar, Self

import discord
from discord import ui
from typing_extensions import override

from bot.texts import Text
from bot.ui.interactions import answering
from bot.ui.places import Interaction

NOTHING = r"(?!)"
"""The template of a base of other buttons: it matches no custom_id."""


class PersistentButton(ui.DynamicItem[ui.Button[Any]], template=NOTHING):
    """A button whose custom_id says all that there is to know of it; what a client sends may be forged.

    The groups of its template are the arguments of its constructor.
    """

    _known: ClassVar[list[re.Pattern[str]]] = []

    def __init_subclass__(cls, *, template: re.Pattern[str] | str = NOTHING) -> None:
        """Remember the template, so that what matches none can be told."""
        super().__init_subclass__(template=template)
        PersistentButton._known.append(re.compile(template))

    @staticmethod
    def is_known(custom_id: str) -> bool:
        """Whether any of these buttons answers to it; one of another version may not be known."""
        return any(template.fullmatch(custom_id) for template in PersistentButton._known)

    def __init__(
        self,
        label: Text | str,
        custom_id: str,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        *,
        disabled: bool = False,
        row: int | None = None,
    ) -> None:
        button = ui.Button[Any](label=str(label), custom_id=custom_id, style=style, disabled=disabled)
        super().__init__(button, row=row)

    @classmethod
    @override
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """The button that was pressed."""
        arguments: dict[str, Any] = match.groupdict()
        return cls(**arguments)

    @override
    async def callback(self, interaction: Interaction) -> None:
        """Do what the button says; what goes wrong is told."""
        async with answering(interaction):
            await self.respond(interaction)

    async def respond(self, interaction: Interaction) -> None:
        """Do what the button says, for whoever pressed it."""
        raise NotImplementedError
