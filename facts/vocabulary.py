"""Every name a ledger may use, in both languages, in one place (词汇表).

Sheets, columns, sectors, kinds of record and coded values stand here once; intake, template, store, packs and
output all read this page. The English name is the identifier; the Chinese one is what a clerk writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from facts.language import Text


class Type(StrEnum):
    """How the cells of a column are read and what a condition may compare them with."""

    TEXT = "text"
    CODE = "code"  # one of a closed list: `choices`
    SET = "set"  # several of a closed list: `choices`
    USCC = "uscc"
    AUTHORITY = "authority"  # the code of an authority
    SUBJECT = "subject"  # a credit code or the code of an authority
    DIVISION = "division"
    KIND = "kind"
    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    DATE = "date"
    LAST = "last"  # a date, or the claim 无 / never


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet; ``required`` columns may not be blank."""

    name: str
    label: Text
    type: Type
    required: bool = False
    choices: Mapping[str, Text] | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a ledger; ``key`` names the columns that identify a row."""

    name: str
    label: Text
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column called ``name``; raises ``KeyError``."""
        return {c.name: c for c in self.columns}[name]


def _named(**pairs: str) -> dict[str, Text]:
    return {name: Text(zh, name) for name, zh in pairs.items()}


SECTORS: Mapping[str, Text] = _named(
    catering="餐饮",
    fuel_retail="成品油流通",
    scrap_vehicle="报废机动车回收拆解",
    recyclables="再生资源回收",
    shopping_complex="大型商业综合体",
    mall="商场",
    wet_market="菜市场",
    hotel="宾馆酒店",
    retail="零售",
    wholesale="批发",
    household_services="家庭服务",
    exhibition="展览",
    entertainment="娱乐场所",
    scenic_area="旅游景区",
    medical="医疗机构",
    heritage="文物保护单位",
    coal_mine="煤矿",
    non_coal_mine="非煤矿山",
    metal_smelting="金属冶炼",
    construction="建筑施工",
    transport="交通运输",
    rail_transit="城市轨道交通",
    hazardous_chemicals="危险化学品",
    fireworks="烟花爆竹",
    civil_explosives="民用爆炸物品",
    fishery="渔业",
    steel="钢铁",
    gas="燃气",
    dust_explosion="粉尘涉爆",
    ammonia_refrigeration="涉氨制冷",
    confined_space="有限空间",
    deep_well_casting="深井铸造",
    spraying="喷涂",
    footwear_apparel="鞋服",
    machinery="机械制造",
    other_industry="其他工贸",
)

KINDS: Mapping[str, Text] = {
    "leadership_inspection": Text("主要负责人带队检查", "inspection led by the person in charge"),
    "evacuation_drill": Text("疏散逃生演练", "evacuation drill"),
    "risk_assessment": Text("安全风险辨识评估", "risk assessment"),
    "principal_training": Text("主要负责人培训", "training of the person in charge"),
    "responsibility_system": Text("全员安全生产责任制", "full-staff responsibility system"),
    "hazard_self_check_list": Text("重大隐患自查清单", "self-check list of major hazards"),
    "monitoring_connected": Text("监测预警接入", "monitoring connected"),
    "emergency_plan_drill": Text("应急预案演练", "emergency-plan drill"),
    "fire_check": Text("防火检查", "fire check"),
    "fire_training": Text("消防安全培训", "fire training"),
    "hazard_statistics": Text("隐患统计分析报送", "hazard statistics"),
}

#: What the duties are called that no kind of record bears the name of; other duties go by their rule's titles.
DUTIES: Mapping[str, Text] = {
    "hazard_reporting": Text("重大事故隐患上报", "major hazards reported"),
    "hazard_rectification": Text("隐患整改", "hazards rectified"),
    "exhibition_emergency_plan": Text("展会安全生产及应急预案", "safety and emergency plan of an exhibition"),
    "exhibition_safety_plan": Text("大型展会安全工作方案", "safety work plan of a large exhibition"),
    "exhibition_police_permit": Text("大型展会公安安全许可", "police permit of a large exhibition"),
    "certificate_renewal": Text("特种作业证到期换证", "certificates for special operations renewed"),
    "safety_officer": Text("安全生产管理机构或专职安全管理人员", "safety department or full-time safety officer"),
    "gas_alarm": Text("可燃气体报警装置", "gas alarm"),
}

#: Which kind of record a ``last_…`` column of the enterprise sheet stands for.
LAST_COLUMNS: Mapping[str, str] = {
    "last_drill": "evacuation_drill",
    "last_leadership_inspection": "leadership_inspection",
}

HAZARD_LEVELS = {"major": Text("重大", "major"), "general": Text("一般", "general")}
HAZARD_SOURCES = {
    "self_check": Text("自查", "self-check"),
    "inspection": Text("督导检查", "inspection"),
    "tip_off": Text("举报", "tip-off"),
}

#: What an authority is, seen from the district: its commerce bureau, one of its departments, a street, and so on.
AUTHORITY_KINDS: Mapping[str, Text] = {
    "bureau": Text("商务局", "bureau"),
    "district_department": Text("区级部门", "district_department"),
    "street": Text("街道", "street"),
    "committee_office": Text("安委会办公室", "committee_office"),
    "superior_bureau": Text("上级主管部门", "superior_bureau"),
    "emergency_department": Text("应急管理部门", "emergency_department"),
    "government": Text("人民政府", "government"),
}
#: Further spellings of these kinds.
AUTHORITY_KIND_SPELLINGS: Mapping[str, str] = {
    "区商务局": "bureau",
    "县商务局": "bureau",
    "局": "bureau",
    "区级有关部门": "district_department",
    "区有关部门": "district_department",
    "街道办事处": "street",
    "街道办": "street",
    "镇街": "street",
    "街镇": "street",
    "乡镇": "street",
    "乡镇街道": "street",
    "安委办": "committee_office",
    "安委会办": "committee_office",
    "区安委会办公室": "committee_office",
    "区安委办": "committee_office",
    "安全生产委员会办公室": "committee_office",
    "上级部门": "superior_bureau",
    "上级商务局": "superior_bureau",
    "应急管理局": "emergency_department",
    "应急局": "emergency_department",
    "区应急管理局": "emergency_department",
    "政府": "government",
    "区政府": "government",
    "区人民政府": "government",
}


def _column(name: str, zh: str, type: Type, *, required: bool = False, choices: Mapping[str, Text] | None = None,
            zh_note: str = "", en_note: str = "") -> Column:
    note = Text(zh_note, en_note) if zh_note else None
    return Column(name, Text(zh, name), type, required, choices, note)


_VOID = _column("void", "作废", Type.BOOL, zh_note="填“是”：撤回本行", en_note="yes: this row is withdrawn")
_USCC = _column("uscc", "统一社会信用代码", Type.USCC, required=True)

ENTERPRISES = Sheet("enterprises", Text("企业", "enterprises"), ("uscc", "valid_from"), (
    _USCC,
    _column("name", "企业名称", Type.TEXT),
    _column("division", "行政区划代码", Type.DIVISION),
    _column("sectors", "行业领域", Type.SET, choices=SECTORS),
    _column("industry_code", "国民经济行业代码", Type.TEXT),
    _column("headcount", "从业人员数", Type.INT),
    _column("dust_workers", "涉粉作业人数", Type.INT),
    _column("safety_officers", "专职安全管理人员数", Type.INT),
    _column("safety_department", "安全生产管理机构", Type.BOOL),
    _column("uses_gas", "使用燃气", Type.BOOL),
    _column("gas_alarm", "燃气报警装置", Type.BOOL),
    _column("high_risk", "高危", Type.BOOL, zh_note="留空：按行业领域推定", en_note="blank: derived from sectors"),
    _column("labor_intensive", "劳动密集型", Type.BOOL),
    _column("plant_in_plant", "厂中厂", Type.BOOL),
    _column("above_limit", "限上", Type.BOOL),
    _column("standardization", "标准化等级", Type.TEXT),
    _column("registered_on", "成立日期", Type.DATE),
    _column("closed_on", "注销日期", Type.DATE, zh_note="最后营业的一天", en_note="the last day open"),
    _column("suspended", "停产停业", Type.BOOL),
    _column("valid_from", "生效日期", Type.DATE, zh_note="本行情况自哪天起；新企业可留空，取成立日期",
            en_note="from which day this row holds; a new enterprise may leave it blank: registered_on"),
    _column("history_from", "台账起始日期", Type.DATE, zh_note="自该日起各类履职记录齐全",
            en_note="records of every kind are complete from this day"),
    _column("last_drill", "上次疏散演练日期", Type.LAST, zh_note="从未演练填“无”；留空表示不清楚",
            en_note="never: none was ever held; blank: not known"),
    _column("last_leadership_inspection", "上次主要负责人带队检查日期", Type.LAST,
            zh_note="从未检查填“无”；留空表示不清楚", en_note="never: none was ever done; blank: not known"),
    _VOID,
))

AUTHORITIES = Sheet("authorities", Text("部门", "authorities"), ("code",), (
    _column("code", "部门代码", Type.AUTHORITY, required=True,
            zh_note="自定即可，有统一社会信用代码的可用之；履职记录表据此对应",
            en_note="of your own choice, or its credit code if it has one; records name the authority by it"),
    _column("name", "部门名称", Type.TEXT),
    _column("division", "行政区划代码", Type.DIVISION),
    _column("kind", "部门类别", Type.CODE, choices=AUTHORITY_KINDS),
    _VOID,
))

RECORDS = Sheet("records", Text("履职记录", "records"), ("uscc", "kind", "date"), (
    _column("uscc", "统一社会信用代码", Type.SUBJECT, required=True, zh_note="部门的记录填部门代码",
            en_note="for a record of an authority its code"),
    _column("kind", "事项", Type.KIND, required=True),
    _column("date", "日期", Type.DATE, required=True),
    _column("amount", "数量", Type.DECIMAL, zh_note="学时、案件数等", en_note="hours, cases"),
    _column("topic", "主题", Type.TEXT),
    _column("evidence", "佐证", Type.TEXT),
    _VOID,
))

HAZARDS = Sheet("hazards", Text("隐患", "hazards"), ("hazard_id",), (
    _column("hazard_id", "隐患编号", Type.TEXT, required=True),
    _USCC,
    _column("level", "等级", Type.CODE, choices=HAZARD_LEVELS),
    _column("description", "描述", Type.TEXT),
    _column("source", "来源", Type.CODE, choices=HAZARD_SOURCES),
    _column("found_on", "发现日期", Type.DATE),
    _column("reported_on", "上报日期", Type.DATE),
    _column("deadline", "整改期限", Type.DATE),
    _column("rectified_on", "整改完成日期", Type.DATE),
    _column("refused_on", "拒不整改日期", Type.DATE),
    _column("adverse_impact", "造成严重不良影响", Type.BOOL),
    _column("penalized_on", "处罚日期", Type.DATE),
    _VOID,
))

ACCIDENTS = Sheet("accidents", Text("事故", "accidents"), ("accident_id",), (
    _column("accident_id", "事故编号", Type.TEXT, required=True),
    _USCC,
    _column("occurred_on", "发生日期", Type.DATE),
    _column("deaths", "死亡人数", Type.INT),
    _column("serious_injuries", "重伤人数", Type.INT),
    _column("direct_loss", "直接经济损失(万元)", Type.DECIMAL, zh_note="单位：万元", en_note="in 10 000 yuan"),
    _column("responsible", "负有责任", Type.BOOL),
    _column("penalized_on", "处罚日期", Type.DATE),
    _VOID,
))

EXHIBITIONS = Sheet("exhibitions", Text("展会", "exhibitions"), ("exhibition_id",), (
    _column("exhibition_id", "活动编号", Type.TEXT, required=True),
    _USCC,
    _column("opens_on", "开幕日期", Type.DATE),
    _column("expected_attendance", "预计参加人数", Type.INT),
    _column("emergency_plan_on", "应急预案日期", Type.DATE),
    _column("safety_plan_on", "安全工作方案日期", Type.DATE),
    _column("permit_applied_on", "安全许可申请日期", Type.DATE),
    _column("police_permit_on", "安全许可日期", Type.DATE),
    _VOID,
))

COVERAGE = Sheet("coverage", Text("台账范围", "coverage"), ("kind", "division", "complete_from"), (
    _column("kind", "事项", Type.KIND, required=True),
    _column("division", "行政区划代码", Type.DIVISION, zh_note="留空：全部区划", en_note="blank: all divisions"),
    _column("complete_from", "完整起始日期", Type.DATE, required=True),
    _column("complete_to", "完整截止日期", Type.DATE, zh_note="留空：至今", en_note="blank: open"),
    _VOID,
))

CERTIFICATES = Sheet("certificates", Text("特种作业证", "certificates"), ("certificate_id",), (
    _column("certificate_id", "证书编号", Type.TEXT, required=True),
    _USCC,
    _column("trade", "作业类别", Type.TEXT),
    _column("expires_on", "有效期至", Type.DATE),
    _column("renewed_on", "换证日期", Type.DATE),
    _VOID,
))

#: All sheets, in the order in which they are read and written.
SHEETS: tuple[Sheet, ...] = (ENTERPRISES, AUTHORITIES, RECORDS, HAZARDS, ACCIDENTS, EXHIBITIONS, COVERAGE, CERTIFICATES)

#: The kind of :class:`facts.dossier.Item` that each object sheet holds.
ITEM_SHEETS: Mapping[str, Sheet] = {
    "hazard": HAZARDS,
    "accident": ACCIDENTS,
    "exhibition": EXHIBITIONS,
    "certificate": CERTIFICATES,
}
