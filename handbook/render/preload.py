"""What every printing process needs: the fork server loads it once for all of them."""

from contextlib import suppress

with suppress(OSError):  # a missing library is told by the process that prints
    import weasyprint  # noqa: F401
