"""Offline validators for what the tests produce: PDF/UA, HTML, CSS and pages in a browser.

`python -m tests.validators.install` brings the tools; a missing one raises `ToolMissing`.
"""

from .tools import ToolMissing

__all__ = ["ToolMissing"]
