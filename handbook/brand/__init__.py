"""Brands as people make and look at them: a new one, and a sheet with everything on it."""
