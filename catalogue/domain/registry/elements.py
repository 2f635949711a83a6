"""The elements of the 实施清单 for each matter in each city, by the names of GB/T 39046 and the columns of C0109.

Codes that only the authority itself can give (实施编码, its 统一社会信用代码) stay empty until they are known.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from catalogue.domain.registry.coverage import Coverage
from catalogue.domain.registry.model import Level, Matter, Mode, Region, Registry
from catalogue.domain.vocabulary import label

_TYPE = {"permit": "01", "confirmation": "07", "other_power": "10", "filing": "10", "public_service": "20"}
_LEVEL = {Level.PROVINCE: "2", Level.CITY: "3", Level.COUNTY: "4", Level.STATION: "5"}
_AUDIENCE = {"natural_person": "1 自然人", "legal_person": "2 企业法人", "other_organisation": "6 其他组织"}

COLUMNS: tuple[tuple[str, str], ...] = (
    ("事项名称", "task_name"), ("基本编码", "catalog_code"), ("实施编码", "task_code"),
    ("业务办理项编码", "task_handle_item"), ("事项类型", "task_type"), ("设定依据", "by_law"),
    ("行使层级", "use_level"),
    ("实施主体", "dept_name"), ("实施主体代码", "dept_code"), ("法定办结时限", "anticipate_day"),
    ("法定办结时限单位", "anticipate_type"), ("承诺办结时限", "promise_day"), ("承诺办结时限单位", "promise_type"),
    ("办件类型", "project_type"), ("服务对象", "server_type"), ("办理形式", "handle_type"), ("通办范围", "handle_area"),
    ("是否收费", "is_fee"), ("特别程序", "special_procedure"), ("结果名称", "result_name"),
    ("申请材料", "material_name"),
    ("咨询电话", "link_way"), ("办理地点", "transact_addr"), ("办理时间", "transact_time"), ("是否开通", "task_state"),
)  # fmt: skip


def rows(registry: Registry) -> Iterator[list[str]]:
    """A row for each matter in each city; what is unknown is empty."""
    table = Coverage(registry)
    for matter in registry.matters.values():
        for region in registry.regions.values():
            yield _row(table, matter, region)


def _row(table: Coverage, matter: Matter, region: Region) -> list[str]:
    cell = table.cell(matter, region)
    city = table.registry.offices[region.city_office]
    levels = [level for level in cell.levels if level is not Level.PROVINCE]
    papers = (*matter.materials, *table.registry.overlay(region.id, matter.id).extra_materials)
    statutory, promised = matter.limits.statutory_days, cell.promised_days
    body = city.name.zh if levels == [Level.CITY] else f"{city.name.zh}及所辖县级机关"
    return [
        matter.name.zh, matter.codes.item or "", "", matter.codes.business_item or "",
        f"{_TYPE[matter.type]} {label('matter_types', matter.type).zh}",
        "；".join(f"《{law.title}》{'、'.join(law.articles)}" for law in matter.legal_basis),
        "、".join(f"{_LEVEL[level]} {label('levels', level).zh}" for level in levels), body, "",
        "" if statutory is None else str(statutory), "" if statutory is None else "工作日",
        "" if promised is None else str(promised), "" if promised is None else "工作日",
        "1 即办件" if matter.on_the_spot else "2 承诺件",
        "、".join(_AUDIENCE[kind] for kind in matter.applicant_kinds),
        "1 窗口" if cell.mode is Mode.PROXY else "1 窗口、2 电脑端网上", "跨市",
        {None: "", True: "是", False: "否"}[matter.fee.charged], "",
        "；".join(result.document.zh for result in matter.results), "；".join(paper.name.zh for paper in papers),
        city.phone or "", city.address or "", city.hours.zh if city.hours else "", "是" if cell.offered else "否",
    ]  # fmt: skip


def as_table(registry: Registry) -> str:
    """The table as CSV with both heads, the standard's names and the columns; a BOM for spreadsheet programs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["城市", *(zh for zh, _ in COLUMNS)])
    writer.writerow(["region", *(column for _, column in COLUMNS)])
    regions = list(registry.regions.values())
    for n, row in enumerate(rows(registry)):
        cells = [regions[n % len(regions)].name.zh, *row]
        writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells])
    return f"\ufeff{out.getvalue()}"
