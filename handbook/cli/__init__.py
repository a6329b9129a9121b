"""The command line: the only place that prints and exits.

Heavy modules are imported inside the commands that need them, so that `--help` and a build with
nothing to do answer at once.
"""

from handbook.cli import brands, making, training
from handbook.cli.application import app, main

__all__ = ["app", "brands", "main", "making", "training"]
