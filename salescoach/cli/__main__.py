"""``python -m salescoach.cli``."""

from salescoach.cli import main

main()
