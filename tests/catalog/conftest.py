"""Catalogs to load, small and complete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from site_builder import catalog
from site_builder.catalog import Catalog
from site_builder.errors import InvalidInput

HTTP = """\
404:
  error_name: not_found
  title: Not Found
  headline: We can’t find that page
  category: client
  detail: There is nothing at this address.
  what_you_should_do: "**Check the address.** Trying again does not help."
  retryable: false
  owner_action_required: false
  who_acts: visitor
  documentation: https://example.com/404
  weight: 40
503:
  error_name: service_unavailable
  title: Service Unavailable
  headline: The website isn’t available
  category: server
  detail: The server is busy.
  what_you_should_do: "**Wait.** Then try again."
  retryable: true
  retry_after: 60
  owner_action_required: true
  who_acts: owner
  weight: 6
  status: 503
"""
FAMILIES = """\
4xx:
  error_name: client_error
  title: Client error
  headline: The request was not answered
  detail: The request can’t be answered.
  what_you_should_do: "**Check it.** Then try again."
  retryable: unknown
  who_acts: both
  weight: 1
  codes: 400..499
  catch_all: true
5xx:
  error_name: server_error
  title: Server error
  headline: The page can’t be delivered
  detail: The server failed.
  what_you_should_do: "**Wait.** Then see."
  retryable: unknown
  who_acts: owner
  weight: 1
  codes: 500..599
  catch_all: true
"""
ENGLISH = """\
interface:
  home: Go to the {site} home page
  retry: Try again
"""


class Folders:
    """A catalog that ships, and a project's own over it, as text."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders: list[Path] = []
        self.write("shipped", {"http.yaml": HTTP, "families.yaml": FAMILIES, "languages/en.yaml": ENGLISH})

    def write(self, name: str, files: dict[str, str]) -> None:
        """Write files into the catalog ``name``; the first time it is laid over what is there."""
        folder = self.root / name / "catalog"
        if folder not in self.folders:
            self.folders.append(folder)
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")

    def load(self) -> Catalog:
        """The catalog that all folders make."""
        return catalog.load(self.folders)

    def faults(self) -> list[str]:
        """Everything that is wrong with it."""
        with pytest.raises(InvalidInput) as caught:
            self.load()
        assert caught.value.exit_code == 3
        return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


@pytest.fixture
def faults_of(folders: Folders) -> Callable[[str, str], list[str]]:
    """Replace one line of the shipped http.yaml or families.yaml and return all faults."""

    def replaced(old: str, new: str) -> list[str]:
        for name, text in (("http.yaml", HTTP), ("families.yaml", FAMILIES), ("languages/en.yaml", ENGLISH)):
            if old in text:
                folders.write("shipped", {name: text.replace(old, new, 1)})
                return folders.faults()
        raise AssertionError(f"no file has {old!r}")

    return replaced
