"""How often a site fails with each code: a file of the project that weighs pages by the site's own traffic.

Either CSV, a code and a count on each line, or JSON lines, ``{"code": 404, "count": 12}``. CSV may begin with a line
that names its columns; then others may stand among them. Lines of one code are added up, so that what a log analysis
exports by host or by day can be used as it is.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import Fault, InvalidInput, from_os_error
from ...model import Finding, Rule, contains

HINT = 'write one code and its count on each line: 404,12 or {"code": 404, "count": 12}'
COLUMNS = ("code", "count")
FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Traffic:
    """``counts`` by code, and for each the line of ``file`` that first names it. No code is below 400."""

    file: str
    counts: Mapping[int, int]
    lines: Mapping[int, int]

    def weights(self, catalog: Mapping[int, float]) -> dict[int, float]:
        """The weights of ``catalog`` with those of our codes replaced by their counts.

        Catalog weights are relative, so counts are brought to their scale: our codes together weigh what those of them
        that the catalog has weighed together.
        """
        known = {code: count for code, count in self.counts.items() if code in catalog}
        before, total = sum(catalog[code] for code in sorted(known)), sum(known.values())
        scale = before / total if total else 0.0
        return {**catalog, **{code: count * scale for code, count in self.counts.items()}}

    def findings(self, rules: Iterable[Rule]) -> tuple[Finding, ...]:
        """What is said of codes that none of ``rules`` is for."""
        spans = tuple(sorted({span for rule in rules for span in rule.codes}))
        return tuple(
            Finding(
                "cloudflare-traffic-unknown",
                "warning",
                f"no page stands for {code}, so that its {self.counts[code]:,} failures weigh nothing",
                where=f"{self.file}:{self.lines[code]}",
                hint="correct the code, or write an entry for it in catalog/mine.yaml",
            )
            for code in sorted(self.counts)
            if not contains(spans, code)
        )


def read_traffic(file: str, project: Path, where: str) -> Traffic:
    """The counts in ``file``, whose path begins at ``project``; ``where`` is the key path that names it.

    What is below 400 is no failure and passed over. Raises InvalidInput with every fault as ``file:line``, and
    LocalFilesFailed where the file cannot be read.
    """
    path = project / file
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        message = f"there is no file '{file}' in the project; the path begins beside errgen.toml"
        raise InvalidInput([Fault(where, message)], hint=HINT) from None
    except UnicodeDecodeError as error:
        raise InvalidInput([Fault(file, f"is not UTF-8: byte {error.start} cannot be decoded")], hint=HINT) from None
    except OSError as error:
        raise from_os_error(error, path, "read the traffic") from error
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    counts: dict[int, int] = {}
    first: dict[int, int] = {}
    faults = []
    rows = _json_rows(lines) if lines and lines[0][1].lstrip().startswith("{") else _csv_rows(lines)
    for number, row in rows:
        if isinstance(row, str):
            faults.append(Fault(f"{file}:{number}", row))
        elif row[0] >= FIRST_ERROR:
            code, count = row
            counts[code] = counts.get(code, 0) + count
            first.setdefault(code, number)
    if not faults and not counts:
        faults.append(Fault(file, "has no count of any code from 400 on"))
    if faults:
        raise InvalidInput(faults, hint=HINT)
    return Traffic(file, counts, first)


_Rows = Iterator[tuple[int, tuple[int, int] | str]]
"""By line number a code and its count, or what is wrong with the line."""


def _csv_rows(lines: list[tuple[int, str]]) -> _Rows:
    places = (0, 1)
    for index, (number, line) in enumerate(lines):
        fields = [field.strip() for field in next(csv.reader([line]))]
        if index == 0 and not fields[0].isdecimal():
            names = [field.lower() for field in fields]
            if missing := [name for name in COLUMNS if name not in names]:
                yield number, f"has no column called {' and none called '.join(missing)}"
                return
            places = (names.index("code"), names.index("count"))
        elif len(fields) <= max(places):
            yield number, f"has {len(fields)} fields, and the count is the {'second' if places[1] == 1 else 'last'}"
        else:
            yield number, _checked(*(int(one) if _is_number(one) else one for one in (fields[at] for at in places)))


def _json_rows(lines: list[tuple[int, str]]) -> _Rows:
    for number, line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            yield number, "is not JSON"
            continue
        if not isinstance(row, dict):
            yield number, "is not a JSON object"
        elif missing := [name for name in COLUMNS if name not in row]:
            yield number, f"has no {' and no '.join(missing)}"
        else:
            yield number, _checked(row["code"], row["count"])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _checked(code: object, count: object) -> tuple[int, int] | str:
    if not isinstance(code, int) or isinstance(code, bool) or not 100 <= code <= 9999:
        return f"{code!r} is not a code from 100 to 9999"
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        return f"{count!r} is not a count: a whole number, 0 or more"
    return code, count
