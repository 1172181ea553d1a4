"""The buttons below an outcome, one file for each thing that they do; `bot.ui.views` puts them together."""
