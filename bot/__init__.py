"""Easel: a Discord bot that paints with Google's Gemini image models through the ToAPIs gateway."""
