"""Themes and brands: how the book looks and whose it is.

A brand is a theme that `extends` another and brings data only. `theme` reads its folder; each
neighbour knows one thing of it: `colours`, `palette`, `logo`, `fonts`, `company`, `folder`.
`tokens` reads the file of a design system.
"""

from handbook.theme.theme import Colours, Paper, Theme, ThemeFile, read_theme

__all__ = ["Colours", "Paper", "Theme", "ThemeFile", "read_theme"]
