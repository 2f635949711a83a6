"""The elements of the 实施清单 as a table: a row for each matter in each city, nothing invented."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from catalogue.domain.registry.elements import COLUMNS, as_table
from catalogue.domain.registry.reader import read_registry


def test_every_matter_has_a_row_in_each_city_and_unknown_codes_stay_empty() -> None:
    registry, _ = read_registry((Path(__file__).parents[2] / "matters.yaml").read_bytes(), "matters.yaml")
    assert registry is not None
    text = as_table(registry)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0][1:] == [zh for zh, _ in COLUMNS]
    assert rows[1][1:] == [column for _, column in COLUMNS]
    assert len(rows) == 2 + 61 * 4
    at = {zh: n for n, zh in enumerate(rows[0])}
    for row in rows[2:]:
        assert row[at["实施编码"]] == ""
        assert row[at["法定办结时限"]].isdigit() or row[at["法定办结时限单位"]] == ""
        assert row[at["通办范围"]] == "跨市"
