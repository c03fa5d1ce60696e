from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from site_builder.edges._remote import Change
from site_builder.model import Finding
from site_builder.publishing.plan import Foreign
from site_builder.publishing.plan_markdown import code, escaped, plan_markdown

from .test_plan import HOST, ONE, ZONE, a_plan

READER = MarkdownIt("commonmark").enable("table")
BY_HAND = Change(
    "update", "rule", ZONE, "errgen_default_html_404", "edited by hand", '{"a": 1}', '{"a": 2}', drift=True
)


def test_a_whole_plan() -> None:
    plan = a_plan()
    plan = dataclasses.replace(plan, changes=(plan.changes[0], BY_HAND, *plan.changes[3:5]))
    assert (
        plan_markdown(plan)
        == f"""\
## errgen: site `default`, release `{ONE.manifest.release[:12]}`

### Changed by hand since errgen wrote it

| | what | where | why |
| --- | --- | --- | --- |
| `~` | rule `errgen_default_html_404` | `{ZONE}` | edited by hand |

```diff
# rule errgen_default_html_404 at {ZONE}
- a: 1
+ a: 2
```

### From what is built now

| | what | where | why |
| --- | --- | --- | --- |
| `+` | page `pages/cloudflare/en/1015.html` | `{HOST}` | missing |
| `~` | rule `errgen_default_html_404` | `{ZONE}` | differs |
| `~` | rule `order` | `{ZONE}` | order differs |

```diff
# rule errgen_default_html_404 at {ZONE}
- a: 1
+ a: 3
- b: 2
+ c: 2
```

```diff
# rule order at {ZONE}
- a b
+ b a
```

- left alone at `{ZONE}`: `rule shop: by hand`
- `{ZONE}`: 7 of 25 rules
- `{ZONE}`: 5 of 25 assets (6 for a moment)
- **warning**: `{ZONE}`: mind this (do that)

**1 to create, 3 to change, 0 to delete**, checksum `{plan.checksum}`
"""
    )


def test_nothing_to_do() -> None:
    plan = a_plan(changes=(), foreign=(), limits=(), findings=())
    assert plan_markdown(plan).splitlines()[1:] == ["", "Nothing to do."]


def test_an_altered_asset_is_under_the_heading_of_what_was_changed_by_hand() -> None:
    altered = Finding("cloudflare-asset-altered", "warning", "it was changed", where=ZONE)
    lines = plan_markdown(a_plan(changes=(), foreign=(), limits=(), findings=(altered,))).splitlines()
    assert lines[2:] == [
        "### Changed by hand since errgen wrote it",
        "",
        f"- **warning**: `{ZONE}`: it was changed",
        "",
        "Nothing to do.",
    ]


def test_many_pages_are_counted() -> None:
    pages = tuple(Change("create", "page", HOST, f"{number}", "missing") for number in range(21))
    text = plan_markdown(a_plan(changes=pages, foreign=(), limits=(), findings=()))
    assert f"| `+` | 21 `pages` | `{HOST}` | missing |" in text


def inline(text: str) -> list[Token]:
    return [token for token in READER.parse(text) if token.type == "inline"]


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from("`|*_<&\\ \n"), max_size=12
)


def line(text: str) -> str:
    return " ".join(text.split())


@given(words)
def test_whatever_a_name_is_it_is_one_piece_of_code(name: str) -> None:
    (token,) = inline(code(name))
    assert [(one.type, one.content) for one in token.children or []] == [("code_inline", line(name) or "-")]


@given(words)
def test_in_prose_nothing_is_markup(text: str) -> None:
    (token,) = inline(f"x {escaped(text)}")
    assert {one.type for one in token.children or []} <= {"text", "text_special"}
    assert "".join(one.content for one in token.children or []) == f"x {line(text)}".strip()


@given(words, words)
def test_a_name_in_a_table_or_a_diff_stays_there(name: str, value: str) -> None:
    change = dataclasses.replace(BY_HAND, name=name, before=value, after=value + "x")
    foreign = (Foreign(ZONE, name),)
    found = READER.parse(plan_markdown(a_plan(changes=(change,), foreign=foreign, limits=(), findings=())))
    kinds = [token.type for token in found]
    assert (kinds.count("td_open"), kinds.count("fence"), kinds.count("list_item_open")) == (4, 1, 1)
    assert kinds.count("heading_open") == 2
    (cell,) = [one for one in found if one.type == "inline" and one.content.startswith("rule ")]
    assert [one.content for one in cell.children or []] == ["rule ", line(name) or "-"]
