"""Packs: the same sheets for many participants, named or numbered."""
