"""A small registry to write errors into: two cities, three offices, one family and two matters."""

from __future__ import annotations

from catalogue.domain.registry.findings import Finding
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.reader import read_registry

FILE = "small.yaml"

SMALL = """\
# 样例

registry:
  title: {zh: 样例清单, en: Sample list}
  note: {zh: 仅供测试, en: For tests only}
  as_of: 2026-11-23

province:
  code: "530000"
  zh: 云南省
  en: Yunnan Province
  authority: {zh: 省局, en: Provincial bureau}

categories:
  - {id: food, zh: 食品, en: Food}

regions:
  - id: east
    zh: 东市
    en: East City
    short: {zh: 东, en: East}
    pinyin: Dong Shi
    division: "530100"
    handler: standard
    calendar: east
    city_office: "530100"
    acceptance: home
    divisions:
      - {id: "530102", zh: 甲区, en: First District, pinyin: Jia Qu, former_codes: ["530101"]}
    offices:
      - {id: "530100", zh: 东市局, en: East Bureau, level: city, phone: null}
      - {id: "530102", zh: 甲区局, en: First Bureau, level: county, parent: "530100", phone: null}
    jurisdictions:
      - place: 530102/乙镇
        zh: 乙镇
        en: Second Town
        office: "530400"
        provenance: assumed LAW — a sample
    overlays:
      licence:
        promised_days: 5

  - id: west
    zh: 西市
    en: West City
    short: {zh: 西, en: West}
    pinyin: Xi Shi
    division: "530400"
    handler: standard
    calendar: west
    city_office: "530400"
    acceptance: delegated
    divisions: []
    offices:
      - {id: "530400", zh: 西市局, en: West Bureau, level: city, phone: "0877-0000000"}

laws:
  - id: ACT
    title: 样例法
    valid_from: 2022-03-01
    provenance: official LAW

families:
  - id: licences
    zh: 许可
    en: Licences
    category: food
    type: permit
    procedure: permit
    mode: proxy
    fallback_mode: null
    codes: {item: "000131024000", item_name: 样例}
    limits: {notice_days: 5, statutory_days: 20, promised_days: null, extension_days: 10, deliver_days: 10}
    applicant_kinds: [legal_person]
    fee: {charged: false}
    on_the_spot: false
    substance_check: true
    separate_decider: true
    verify_people: false
    provenance:
      type: official LAW
      procedure: official LAW
      mode: assumed
      codes: unknown
      limits.notice_days: official LAW — 5 days
      limits.statutory_days: official LAW
      limits.promised_days: unknown
      limits.extension_days: official LAW
      limits.deliver_days: official LAW
      applicant_kinds: assumed
      fee: unknown
      on_the_spot: assumed
      substance_check: assumed
      separate_decider: assumed
      verify_people: assumed

matters:
  - id: licence
    zh: 样例许可
    en: Sample licence
    aliases: [样证]
    family: licences
    legal_basis:
      - {law: ACT, articles: [第1条]}
    limits: {statutory_days: 15}
    decided_by:
      place: premises
      levels:
        - level: city
          when: {size: [large]}
          provenance: official LAW
        - level: county
          provenance: assumed
    particulars:
      - key: size
        zh: 规模
        en: Size
        choices:
          - {value: small, zh: 小, en: Small}
          - {value: large, zh: 大, en: Large}
    form:
      - {key: enterprise_name, zh: 名称, en: Name, required: true, searchable: true}
    materials:
      - {id: application, zh: 申请书, en: Application}
      - {id: plan, zh: 平面图, en: Plan, when: {size: [large]}}
    results:
      - {zh: 样例许可证, en: Sample licence, kind: licence, validity_years: 5}
    provenance:
      name: assumed
      legal_basis: official LAW
      limits.statutory_days: derived LAW
      decided_by: official LAW
      form: assumed
      materials: assumed
      results: assumed

sources:
  LAW:
    what: 样例来源
    ref: null
    kind: sample
"""


def findings(text: str | bytes) -> tuple[Finding, ...]:
    """Everything wrong with a text."""
    data = text.encode() if isinstance(text, str) else text
    return read_registry(data, FILE)[1]


def changed(old: str, new: str, text: str = SMALL) -> str:
    """The sample with one place changed; the place must be there once."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the sample"
    return text.replace(old, new)


def only(text: str | bytes) -> Finding:
    """The single finding of a text."""
    found = findings(text)
    assert len(found) == 1, [(finding.line, finding.path, finding.code) for finding in found]
    return found[0]


def small() -> Registry:
    """The sample as a registry."""
    registry, found = read_registry(SMALL.encode(), FILE)
    assert registry is not None, found
    return registry
