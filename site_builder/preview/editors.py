"""The files that editors write beside the one that is saved: nobody watches, reads or counts them.

Standard library only, and quick: every command that builds asks here, once for each of its sources.
"""

from __future__ import annotations

from ..tree import STAGED

_ENDINGS = ("~", ".tmp", ".bak", "___jb_tmp___", "___jb_old___", "___jb_bak___")
"""Of Vim, Emacs, those of JetBrains and others."""
_TRIED = "4913"
"""Vim makes and removes it, to see whether it may write in the folder."""


def is_of_editors(path: str) -> bool:
    """Whether a file or folder is no source but an editor's or Git's.

    ``path`` is below the folder with sources: what that lies in says nothing.
    """
    name = path.rpartition("/")[2]
    return (
        name.endswith(_ENDINGS)
        or name[-4:-1] == ".sw"  # Vim's, .swp and then backwards
        or name == _TRIED
        or name.startswith(".#")
        or (name.startswith("#") and name.endswith("#"))
        or STAGED in name
        or "/.git/" in f"/{path}/"
    )
