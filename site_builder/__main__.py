"""``python -m site_builder`` is the command ``errgen``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Ctrl-C counts from the first import on."""
    try:
        from .cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted; nothing was applied\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
