"""Figures: from the words of an entry to shapes, and from shapes to SVG by a template.

pictures     an entry's words → the drawings of a page
layouts      words and a width → a drawing; one pure function for each kind of figure
shapes       what a drawing consists of
lettering    how wide words are, and where they break
"""
