"""``python -m site_builder`` is the command ``errgen``."""

from .cli import main

main()
