"""The names of the registry's fields and parts, for differences and for the merged matter."""

from __future__ import annotations

from catalogue.domain.text import Text

PARTS: dict[str, Text] = {
    "registry": Text("清单", "Registry"),
    "province": Text("省级", "Province"),
    "category": Text("类别", "Category"),
    "source": Text("来源", "Source"),
    "region": Text("地区", "Region"),
    "division": Text("行政区划", "Division"),
    "office": Text("机关", "Office"),
    "jurisdiction": Text("特别管辖", "Special jurisdiction"),
    "overlay": Text("地区差异", "Overlay"),
    "matter": Text("事项", "Matter"),
    "calendar": Text("工作日历", "Calendar"),
}

FIELDS: dict[str, Text] = {
    "name": Text("名称", "name"),
    "title": Text("名称", "title"),
    "note": Text("说明", "note"),
    "as_of": Text("截止日期", "as of"),
    "authority": Text("机关", "authority"),
    "code": Text("代码", "code"),
    "short": Text("简称", "short name"),
    "pinyin": Text("拼音", "pinyin"),
    "division": Text("行政区划", "division"),
    "former_codes": Text("曾用代码", "former codes"),
    "handler": Text("属地办理模块", "handler"),
    "calendar": Text("工作日历", "calendar"),
    "hotlines": Text("热线", "hotlines"),
    "hotlines.consultation": Text("咨询电话", "consultation"),
    "hotlines.complaints": Text("投诉举报电话", "complaints"),
    "hotlines.supervision": Text("监督电话", "supervision"),
    "city_office": Text("市级机关", "city office"),
    "acceptance": Text("受理方式", "acceptance"),
    "level": Text("行使层级", "level"),
    "phone": Text("电话", "telephone"),
    "address": Text("地址", "address"),
    "parent": Text("上级机关", "parent office"),
    "hours": Text("办公时间", "opening hours"),
    "windows": Text("窗口", "window"),
    "successor": Text("承接机关", "succeeding office"),
    "region": Text("地区", "region"),
    "office": Text("机关", "office"),
    "place": Text("地点", "place"),
    "source": Text("来源", "source"),
    "confidence": Text("把握程度", "confidence"),
    "matters": Text("适用事项", "matters"),
    "available": Text("是否开通", "availability"),
    "extra_materials": Text("附加材料", "extra materials"),
    "system_of_record": Text("业务办理系统", "system of record"),
    "numbers": Text("编号规则", "rule of numbers"),
    "legs": Text("流转期限", "limits between windows"),
    "legs.to_home_days": Text("材料送达属地（工作日）", "papers to the home region (working days)"),
    "legs.back_days": Text("结果返程（工作日）", "result on its way back (working days)"),
    "legs.file_days": Text("档案移交（工作日）", "transfer of a file (working days)"),
    "contact": Text("联系方式", "contact"),
    "aliases": Text("别名", "aliases"),
    "category": Text("类别", "category"),
    "type": Text("事项类型", "type"),
    "procedure": Text("适用程序", "procedure"),
    "mode": Text("通办方式", "mode"),
    "fallback_mode": Text("备用通办方式", "fallback mode"),
    "codes": Text("编码", "codes"),
    "codes.item": Text("主项编码", "item code"),
    "codes.item_name": Text("主项名称", "item name"),
    "codes.sub_item": Text("子项编码", "sub-item code"),
    "codes.business_item": Text("业务办理项编码", "business item code"),
    "codes.note": Text("编码说明", "note on codes"),
    "legal_basis": Text("设定依据", "legal basis"),
    "limits": Text("时限", "limits"),
    "limits.notice_days": Text("补正告知时限", "notice limit"),
    "limits.statutory_days": Text("法定办结期限", "statutory limit"),
    "limits.promised_days": Text("承诺办结时限", "promised limit"),
    "limits.extension_days": Text("可延长期限", "extension"),
    "limits.deliver_days": Text("送达时限", "limit of delivery"),
    "promised_days": Text("承诺办结时限", "promised limit"),
    "decided_by": Text("管辖", "jurisdiction"),
    "decided_by.place": Text("以何地为准", "place that counts"),
    "decided_by.levels": Text("层级规则", "rules of level"),
    "applicant_kinds": Text("服务对象", "applicants"),
    "particulars": Text("情形", "particulars"),
    "form": Text("表单字段", "form field"),
    "materials": Text("材料", "material"),
    "pledge_check_days": Text("告知承诺核查期限", "check of a commitment within"),
    "results": Text("结果文书", "result"),
    "fee": Text("收费", "fee"),
    "fee.charged": Text("是否收费", "charged"),
    "fee.note": Text("收费说明", "note on fees"),
    "on_the_spot": Text("即办", "decision on the spot"),
    "substance_check": Text("实质审查", "check of substance"),
    "separate_decider": Text("审查与决定分离", "separate decider"),
    "verify_people": Text("实名核验", "verification of people"),
    "family": Text("事项组", "family"),
    "provenance": Text("来源", "provenance"),
    "what": Text("内容", "what it is"),
    "ref": Text("出处", "reference"),
    "kind": Text("性质", "kind"),
}

CONFIDENCES_IN_WORDS: dict[str, Text] = {
    "official": Text("官方", "official"),
    "derived": Text("推得", "derived"),
    "assumed": Text("假定", "assumed"),
    "unknown": Text("未知", "unknown"),
}

DAYS = ("_days",)
"""Endings of fields counted in working days."""


def field_name(path: str) -> Text:
    """The name of a field as people read it; of an unknown one the path itself."""
    found = FIELDS.get(path)
    if found is None and "." in path:
        head, _, rest = path.partition(".")
        outer = FIELDS.get(head, Text(head, head))
        inner = FIELDS.get(rest, Text(rest, rest))
        return Text(f"{inner.zh}的{outer.zh}", f"{outer.en} of {inner.en}")
    return found or Text(path, path)
