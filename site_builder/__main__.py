"""``python -m site_builder`` is the command ``errgen``."""

from __future__ import annotations

import sys
import time


def main() -> None:
    """Run the command line. Ctrl-C counts from the first import on."""
    try:
        from .cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted; nothing was applied\n")
        if "--json" in sys.argv:  # as cli.events has it, which cannot be imported
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            event = f'"event": "failed", "moment": "{moment}", "exit_code": 130, "error": "interrupted"'
            sys.stdout.write(f'{{{event}, "message": "interrupted; nothing was applied"}}\n')
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
