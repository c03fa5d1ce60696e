"""The command line: parse, call the use case, print. Nothing is decided here; Click lives here alone."""

from __future__ import annotations

import os
import re
import sys
from typing import Any, NoReturn

import click

from ..errors import ErrgenError, Interrupted, UsageError
from .checking import check
from .designing import build, init, watch
from .ending import fail
from .explaining import explain
from .policing import policy
from .printing import PROJECT, locate
from .publishing import plan, publish
from .rehearsing import emulate, rehearse
from .rolling_back import restore, rollback
from .run import Run
from .translating import translate
from .verifying import verify

VERSION = "0.1.0"

SECRETS = (
    "CLOUDFLARE_API_TOKEN",
    "CLOUDFLARE_API_KEY",
    "CLOUDFLARE_API_USER_SERVICE_KEY",
    "NETLIFY_AUTH_TOKEN",
    "RSYNC_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
"""The variables whose values are nobody's business."""


class Commands(click.Group):
    """The group of all commands, in the order in which people meet them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 the name is click's
        """The commands in the order they were written."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. What it says of keys of errgen.toml gets their lines here, whoever raised it."""
        try:
            return super().invoke(ctx)
        except ErrgenError as error:
            locate(error)
            raise
        finally:
            if run := ctx.find_object(Run):
                run.project = ctx.meta.get(PROJECT, run.project)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="errgen", message="%(prog)s %(version)s")
def errgen() -> None:
    """Make every error page of a site, in every format, put them where they are served, and prove the result.

    Begin with:  errgen init mysite && cd mysite && errgen build
    """


for command in (
    init,
    build,
    check,
    translate,
    watch,
    explain,
    plan,
    publish,
    verify,
    rollback,
    restore,
    policy,
    rehearse,
    emulate,
):
    errgen.add_command(command)


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind it: what is interrupted while it is being imported may raise something of its own."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _without_secrets(text: str) -> str:
    """``text`` without the secrets of the environment: what a library raises may quote what it was about to send."""
    for name in SECRETS:
        if value := os.environ.get(name):
            text = text.replace(value, f"<{name}>")
    return re.sub(r"://[^\s/@]+:[^\s/@]+@", "://<credentials>@", text)


def main() -> NoReturn:
    """Run the command line; every failure ends in one message and its exit code."""
    run = Run(sys.argv[1:])
    interrupted = Interrupted("interrupted; nothing was applied")
    try:
        errgen.main(standalone_mode=False, obj=run)
        sys.exit(0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        fail(interrupted, run)
    except click.ClickException as error:
        error.show()
        fail(UsageError(error.format_message()), run, is_told=True)
    except ErrgenError as error:
        fail(error, run)
    except KeyboardInterrupt:
        fail(interrupted, run)
    except BrokenPipeError:  # the reader of our output went away: `errgen plan | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if _is_interrupt(error):
            fail(interrupted, run)
        import traceback

        click.echo(_without_secrets(traceback.format_exc()), err=True, nl=False)
        bug = "this is a bug in errgen; nothing you did wrong"
        fail(ErrgenError(bug, hint="please report it with the lines above and the command you ran"), run)
