"""Advice on the words of a project: what its typographic rules find, tell and mend."""
