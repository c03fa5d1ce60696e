"""The file of a new language."""

from __future__ import annotations

from site_builder import catalog
from site_builder.catalog.language_file import new_language_file
from site_builder.catalog.plain_style import read_plain_style
from site_builder.catalog.whole_yaml import read_whole_yaml
from site_builder.settings import shipped

from .conftest import Folders

ENGLISH = """\
# The interface.
interface:
  # Where it leads.
  home: Go to the {site} home page

  # What to do.
  retry: Try again
"""


def test_every_text_stands_there_empty_below_its_original(folders: Folders) -> None:
    folders.write("shipped", {"languages/en.yaml": ENGLISH})
    text = new_language_file("cs", folders.load(), folders.folders[0])
    assert text.startswith(
        "# cs. Write each text between the quotation marks below its original. The interface comes first; until\n"
        "# it is whole, no pages are made in cs. An error that lacks a text is then answered by its family’s page.\n"
        "# Keep {words in braces}, `code`, **bold** and the targets of [links](https://example.com/). "
        "This tells what is left:\n"
        "#   errgen translate cs\n"
    )
    assert text[text.index("interface:") :].startswith(
        "interface:\n"
        "  # Where it leads.\n"
        "  #   Go to the {site} home page\n"
        '  home: ""\n'
        "\n"
        "  # What to do.\n"
        "  #   Try again\n"
        '  retry: ""\n'
        "\n"
        "404:\n"
        "  #   Not Found\n"
        '  title: ""\n'
        "  #   We can’t find that page\n"
        '  headline: ""\n'
        "  #   There is nothing at this address.\n"
        '  detail: ""\n'
        "  #   **Check the address.** Trying again does not help.\n"
        '  what_you_should_do: ""\n'
        "\n"
        "503:\n"
    )
    folders.write("shipped", {"languages/cs.yaml": text})
    loaded = folders.load()
    assert loaded.translations == {"cs": {}}
    assert loaded.languages["cs"].strings == loaded.languages["en"].strings


def test_the_originals_are_in_the_language_that_stands_in(folders: Folders) -> None:
    folders.write("shipped", {"languages/en.yaml": ENGLISH, "languages/de.yaml": "interface:\n  retry: Noch einmal\n"})
    text = new_language_file("de-AT", catalog.load(folders.folders, ["de-AT"]), folders.folders[0])
    assert text.startswith(
        "# de-AT. Write each text between the quotation marks below its original. A place that is left empty has\n"
        "# the text of de.yaml.\n"
    )
    assert '  #   Noch einmal\n  retry: ""\n' in text
    assert '  #   Not Found\n  title: ""\n' in text


def test_the_file_for_what_ships_is_whole_and_quick_to_read() -> None:
    folder = shipped() / "catalog"
    loaded = catalog.load([folder], ["cs"])
    text = new_language_file("cs", loaded, folder)
    plain = read_plain_style(text)
    assert plain is not None
    assert plain == read_whole_yaml(text, "cs.yaml")
    assert next(iter(plain)) == "interface"
    assert sorted(plain) == sorted(["interface", *(entry.key for entry in loaded.everything)])
    assert max(map(len, text.splitlines())) <= 120
    assert (
        text.index("\n404:") < text.index("\nmaintenance:") < text.index("# Cloudflare makes") < text.index("\n1015:")
    )
