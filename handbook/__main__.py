"""`python -m handbook` is the same as the command `handbook`."""

from handbook.cli import main

main()
