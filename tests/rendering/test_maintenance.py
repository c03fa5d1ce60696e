"""The page for planned work: when it takes place and what works meanwhile, in every format."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from site_builder.catalog import Catalog
from site_builder.languages import moment
from site_builder.model import PROFILES, Language, Maintenance, Site
from site_builder.rendering import Renderer
from site_builder.rendering.html import MaintenanceFacts
from site_builder.rendering.maintenance import html_facts, sentences
from site_builder.rendering.wording import Wording

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 12, 2, 2, 0, tzinfo=BERLIN)
END = datetime(2026, 12, 2, 4, 30, tzinfo=BERLIN)


def wording(shipped: Catalog, site: Site, tag: str = "en", **facts: Any) -> Wording:
    planned = Maintenance(time_zone="Europe/Berlin", **facts)
    return Wording(shipped.languages[tag], dataclasses.replace(site, maintenance=planned))


def test_a_time_is_said_as_people_of_the_language_say_it() -> None:
    time = datetime(2026, 7, 1, 22, 5, tzinfo=timezone(timedelta(hours=-3)))
    assert {tag: moment(time, tag, "Europe/Berlin") for tag in ("en", "en-GB", "de", "de-AT", "ja", "ar", "pt-BR")} == {
        "en": "July 2, 2026, 3:05\u202fAM Berlin Time",
        "en-GB": "2 July 2026, 03:05 CEST",
        "de": "2. Juli 2026, 03:05 MESZ",
        "de-AT": "2. Juli 2026, 03:05 MESZ",
        "ja": "2026年7月2日 3:05 ベルリン時間",
        "ar": "2 يوليو 2026، 3:05 ص توقيت برلين",
        "pt-BR": "2 de julho de 2026 03:05 Horário Berlim",
    }
    assert moment(time, "en", "UTC") == "July 2, 2026, 1:05\u202fAM UTC"
    assert moment(time, "en", "America/New_York") == "July 1, 2026, 9:05\u202fPM EDT"


@pytest.mark.parametrize(
    ("zone", "time", "said"),
    [
        (
            "America/Argentina/Buenos_Aires",
            datetime(2026, 7, 2, 3, 5),
            "July 2, 2026, 3:05\u202fAM Buenos Aires Time",
        ),
        ("Etc/GMT+5", datetime(2026, 7, 2, 3, 5), "July 2, 2026, 3:05\u202fAM GMT-05:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30), "October 25, 2026, 2:30\u202fAM GMT+02:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30, fold=1), "October 25, 2026, 2:30\u202fAM GMT+01:00"),
    ],
)
def test_a_zone_is_called_after_its_city_where_that_says_enough(zone: str, time: datetime, said: str) -> None:
    assert moment(time.replace(tzinfo=ZoneInfo(zone)), "en", zone) == said


def test_a_name_with_a_colon_stands_in_brackets() -> None:
    time = datetime(2026, 7, 2, 3, 5, tzinfo=ZoneInfo("America/New_York"))
    assert moment(time, "de", "America/New_York") == "2. Juli 2026, 03:05 New York (Ortszeit)"
    assert moment(time, "pl", "America/New_York") == "2 lipca 2026 03:05 (czas: Nowy Jork)"


@pytest.mark.parametrize(
    ("facts", "when"),
    [
        ({}, None),
        (
            {"start": START},
            'From <time datetime="2026-12-02T02:00+01:00"><bdi>December 2, 2026, 2:00\u202fAM Berlin Time</bdi></time>',
        ),
        (
            {"end": END},
            'Until <time datetime="2026-12-02T04:30+01:00"><bdi>'
            "December 2, 2026, 4:30\u202fAM Berlin Time</bdi></time>",
        ),
        (
            {"start": START, "end": END},
            'From <time datetime="2026-12-02T02:00+01:00"><bdi>'
            "December 2, 2026, 2:00\u202fAM Berlin Time</bdi></time> "
            'to <time datetime="2026-12-02T04:30+01:00"><bdi>'
            "December 2, 2026, 4:30\u202fAM Berlin Time</bdi></time>",
        ),
    ],
)
def test_only_known_times_are_said(shipped: Catalog, site: Site, facts: dict[str, Any], when: str | None) -> None:
    assert shipped.maintenance
    assert html_facts(shipped.maintenance, wording(shipped, site, **facts)) == MaintenanceFacts(when, None)  # type: ignore[arg-type]  # equal to Markup


@pytest.mark.parametrize(
    ("tag", "when"),
    [
        (
            "ja",
            '<time datetime="2026-12-02T02:00+01:00"><bdi>2026年12月2日 2:00 ベルリン時間から</bdi></time><wbr>'
            '<time datetime="2026-12-02T04:30+01:00"><bdi>2026年12月2日 4:30 ベルリン時間まで</bdi></time>',
        ),
        (
            "zh-Hans",
            '<time datetime="2026-12-02T02:00+01:00"><bdi>自2026年12月2日 02:00 柏林时间至</bdi></time><wbr>'
            '<time datetime="2026-12-02T04:30+01:00"><bdi>2026年12月2日 04:30 柏林时间</bdi></time>',
        ),
    ],
)
def test_a_particle_stays_with_its_time(shipped: Catalog, site: Site, tag: str, when: str) -> None:
    assert shipped.maintenance
    facts = html_facts(shipped.maintenance, wording(shipped, site, tag, start=START, end=END))
    assert facts == MaintenanceFacts(when, None)  # type: ignore[arg-type]  # equal to Markup


def test_its_styles_are_on_the_page_for_planned_work_only(
    renderer: Renderer, shipped: Catalog, english: Language, site: Site
) -> None:
    assert shipped.maintenance
    rule = b"time{word-break:keep-all}"
    pages = [renderer.render(entry, english, PROFILES["static"], site)["html"] for entry in shipped.everything]
    assert [page for page in pages if rule in page] == [
        renderer.render(shipped.maintenance, english, PROFILES["static"], site)["html"]
    ]


def test_no_other_page_says_anything_of_it(shipped: Catalog, site: Site) -> None:
    said = wording(shipped, site, start=START, still_works={"en": "All."})
    assert html_facts(shipped.entries[0], said) is None
    assert sentences(shipped.entries[0], said) == []


def test_what_still_works_is_said_in_its_own_language_only(shipped: Catalog, site: Site) -> None:
    assert shipped.maintenance
    works = {"en": "The **shop** and <b>more</b>."}
    assert html_facts(shipped.maintenance, wording(shipped, site, still_works=works)) == MaintenanceFacts(
        None,
        "The <strong>shop</strong> and &lt;b&gt;more&lt;/b&gt;.",  # type: ignore[arg-type]  # equal to Markup
    )
    assert sentences(shipped.maintenance, wording(shipped, site, "de", still_works=works)) == []


def test_markdown_says_it_under_what_happened(
    renderer: Renderer, shipped: Catalog, english: Language, site: Site
) -> None:
    entry = shipped.maintenance
    assert entry
    planned = Maintenance(None, END, "Europe/Berlin", None, {"en": "[The shop](https://shop.example.com/)."})
    page = renderer.render(entry, english, PROFILES["static"], dataclasses.replace(site, maintenance=planned))
    assert page["markdown"].decode().split("\n---\n", 1)[1] == (
        f"\n# Planned work\n\n## What Happened\n\n{entry.detail}\n\n"
        "**How long this takes:** Until December 2, 2026, 4:30\u202fAM Berlin Time\n\n"
        "**What still works:** [The shop](https://shop.example.com/).\n\n"
        f"## What You Should Do\n\n{entry.what_you_should_do}\n\n---\n\nThis message was provided by Example.\n"
    )


def test_programs_and_plain_text_are_told_the_same(
    renderer: Renderer, shipped: Catalog, english: Language, site: Site
) -> None:
    entry = shipped.maintenance
    assert entry
    works = {"en": "[The **shop**](https://shop.example.com/) & ::RAY_ID ::."}
    planned = Maintenance(START, END, "Europe/Berlin", 1800, works)
    everything = dataclasses.replace(site, maintenance=planned, formats=(*site.formats, "text", "xml"))
    pages = renderer.render(entry, english, PROFILES["static"], everything)
    said = (
        "How long this takes: From December 2, 2026, 2:00\u202fAM Berlin Time "
        "to December 2, 2026, 4:30\u202fAM Berlin Time\nWhat still works: "
    )
    assert json.loads(pages["json"])["detail"] == f"{entry.detail}\n{said}The shop & ::RAY_ID ::."
    xml = ElementTree.fromstring(pages["xml"]).findtext("{*}detail")  # noqa: S314 - a page of ours
    assert xml == f"{entry.detail}\n{said}The shop & ::RAY_ID ::."
    text = said.replace("\n", "\n\n") + "The shop (https://shop.example.com/) & ::RAY_ID ::."
    assert f"\n\n{text}\n\n" in pages["text"].decode()
