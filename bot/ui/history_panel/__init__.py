"""The panel of `/history`: what a person has asked for, page by page, with what can be done about it."""

from bot.ui.history_panel.buttons import HISTORY_BUTTONS, open_history

__all__ = ["HISTORY_BUTTONS", "open_history"]
