"""The example ledger (示例台账): a workbook as a clerk of Hedong district keeps it, complete up to 2025-03-31.

All enterprises are invented; their organisation codes begin with ``XXXX``, which no register has issued. The tables
below are the data; what follows them writes the workbook with the habits of several hands: dates, numbers and
yes/no spelt in turn in each of the ways that people use. Every run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter
from stdnum.cn import uscc as gb32100

from facts.vocabulary import SHEETS, Type

HEDONG = "120102"

# 企业名称 | 行业领域 | 从业人员数 | 专职安全管理人员数 | 安全生产管理机构 | 2024Q1–2025Q1 各季带队检查次数 |
# 2024H1、2024H2、2025H1 疏散演练次数 | 同期应急预案演练次数. Blank: not known, or nothing entered.
ENTERPRISES = """
渡口家常菜馆 | 餐饮 | 18 | | | 01111 | 100 |
云上小笼餐饮店 | 餐饮 | 9 | | | 01010 | 010 |
青禾渡火锅城 | 餐饮 | 64 | 1 | 无 | 11101 | 100 |
半山雀茶餐厅 | 餐饮 | 23 | 0 | 无 | 01111 | 011 |
鹿鸣台宴会中心 | 餐饮 | 118 | 2 | 有 | 11111 | 110 |
三盏灯烧烤店 | 餐饮 | 12 | | | 00001 | 000 |
槐荫里面馆 | 餐饮 | 7 | | | 01111 | 100 |
沧浪亭海鲜楼 | 餐饮 | 101 | 0 | 无 | 01111 | 100 |
百味弄团餐服务公司 | 餐饮 | 100 | 0 | 无 | 01101 | 010 |
星野咖啡连锁公司 | 餐饮、零售 | 156 | | 无 | 01111 | 100 |
望舒酒楼 | 餐饮 | 45 | 1 | | 00000 | 001 |
晚来风大排档 | 餐饮 | 6 | | | | |
东门加油站 | 成品油流通 | 14 | 1 | 无 | 01111 | 100 | 111
飞鸿石油销售公司 | 成品油流通、危险化学品 | 38 | 2 | 有 | 33333 | 111 | 111
卫津加油站 | 成品油流通 | 11 | 1 | | 01111 | 010 | 010
长庚能源加油站 | 成品油流通 | 16 | 1 | | 01110 | 100 | 110
骏驰报废汽车回收公司 | 报废机动车回收拆解 | 52 | 1 | 有 | 01111 | 101 |
铁马拆解厂 | 报废机动车回收拆解 | 33 | 0 | | 10000 | 010 |
绿循再生资源公司 | 再生资源回收 | 27 | 0 | | 01111 | 100 |
聚源废旧物资回收站 | 再生资源回收 | 8 | | | 01000 | 000 |
焕新再生资源分拣中心 | 再生资源回收 | 19 | | | 01111 | 110 |
天穹广场商业管理公司 | 大型商业综合体 | 310 | 4 | 有 | 11111 | 111 | 111
海棠汇购物中心 | 大型商业综合体 | 226 | 3 | 有 | 01121 | 110 | 101
蓝桥天街商业综合体 | 大型商业综合体 | 188 | 0 | 无 | 01101 | 100 | 010
知夏百货商场 | 商场 | 97 | 1 | | 01111 | 010 | 110
津东老字号商厦 | 商场 | 143 | 1 | 无 | 01111 | 100 | 011
云裳服装商城 | 商场 | 72 | 0 | | 00101 | 010 | 000
半亩塘菜市场 | 菜市场 | 21 | 0 | | 01111 | 100 |
春和菜市场管理公司 | 菜市场 | 15 | | | 01111 | 010 |
二号桥便民菜市场 | 菜市场 | 17 | | | 01011 | 000 |
万柳菜市场 | 菜市场 | 13 | | | 01100 | 100 |
枕河快捷宾馆 | 宾馆酒店 | 22 | 1 | | 01111 | 110 | 110
月满楼大酒店 | 宾馆酒店 | 132 | 2 | 有 | 11111 | 111 | 111
风铃民宿管理公司 | 宾馆酒店 | 8 | | | 01110 | 100 | 010
星槎商务酒店 | 宾馆酒店、餐饮 | 84 | 1 | | 01111 | 010 | 000
栖迟宾馆 | 宾馆酒店 | 26 | 0 | | 01111 | 100 | 110
邻家生鲜超市 | 零售 | 41 | 0 | | 01111 | 100 |
四季鲜果零售店 | 零售 | 5 | | | 01010 | 010 |
大有便利连锁公司 | 零售 | 205 | 1 | 有 | 01111 | 110 |
拾光图书文具店 | 零售 | 4 | | | 01111 | 001 |
津塘烟花爆竹零售点 | 零售、烟花爆竹 | 6 | 1 | | 13323 | 111 | 111
北斗粮油批发公司 | 批发 | 36 | 0 | | 02333 | 101 | 001
恒丰五金批发部 | 批发 | 10 | | | 01101 | 010 |
远帆冷链批发公司 | 批发 | 58 | 1 | | 01111 | 100 |
安澜化工原料批发公司 | 批发、危险化学品 | 29 | 2 | 有 | 13332 | 110 | 110
暖阳家政服务公司 | 家庭服务 | 160 | 0 | 无 | 01111 | 100 |
清嘉保洁服务公司 | 家庭服务 | 75 | 0 | | 01011 | 010 |
嘉木月嫂服务中心 | 家庭服务 | 12 | | | 00111 | 000 |
海河湾会展公司 | 展览 | 49 | 1 | 有 | 11111 | 110 |
九州汇展览服务公司 | 展览 | 31 | 1 | | 01111 | 100 |
琉璃瓦文化展览公司 | 展览 | 14 | | | 00111 | 010 |
蓝焰瓶装燃气供应站 | 燃气 | 20 | 1 | | 33333 | 111 | 111
筑基建筑工程公司 | 建筑施工 | 280 | 6 | 有 | 33333 | 111 | 110
磐石土木工程队 | 建筑施工 | 66 | 1 | | 12030 | 010 | 000
迅达货运公司 | 交通运输 | 90 | 1 | | 13313 | 101 |
霓虹歌厅 | 娱乐场所 | 28 | 0 | | 01111 | 010 | 110
河洲主题乐园 | 旅游景区、娱乐场所 | 120 | 2 | 有 | 01111 | 110 | 111
金钟精密机械厂 | 机械制造 | 88 | 1 | | 01111 | 100 |
听雨轩餐饮公司 | 餐饮 | 30 | | | 01111 | 100 |
白鹭洲酒店 | 宾馆酒店 | 61 | 1 | | 01111 | 100 | 110
新桥贸易商行 | | 11 | | | 01111 | 100 |
南开里生活超市 | 零售 | 24 | | | 00100 | 010 |
"""

# 企业名称 → what else its row says, by column.
FURTHER: dict[str, dict[str, object]] = {
    "渡口家常菜馆": {"uses_gas": True, "gas_alarm": True},
    "三盏灯烧烤店": {"uses_gas": True, "gas_alarm": False},
    "晚来风大排档": {"last_drill": "无", "last_leadership_inspection": "无", "registered_on": date(2024, 2, 19)},
    "望舒酒楼": {"last_drill": date(2022, 9, 14)},
    "嘉木月嫂服务中心": {"last_drill": "从未", "registered_on": date(2024, 5, 20)},
    "星槎商务酒店": {"history_from": date(2024, 1, 1)},
    "半亩塘菜市场": {"high_risk": False},
    "蓝焰瓶装燃气供应站": {"high_risk": True},
    "天穹广场商业管理公司": {"above_limit": True, "standardization": "二级"},
    "金钟精密机械厂": {"standardization": "三级", "labor_intensive": False},
    "铁马拆解厂": {"closed_on": date(2024, 12, 10)},
    "听雨轩餐饮公司": {"division": "120103"},
    "白鹭洲酒店": {"division": "120101", "history_from": date(2024, 7, 1)},
    "南开里生活超市": {"division": "120104", "last_drill": date(2024, 11, 8)},
}

# 企业名称, 生效日期 of a later row, and what is different in it.
LATER_ROWS: tuple[tuple[str, date, dict[str, object]], ...] = (
    ("聚源废旧物资回收站", date(2024, 11, 1), {"division": "120103"}),  # moved to another district
    ("云裳服装商城", date(2025, 1, 6), {"suspended": True}),
    ("北斗粮油批发公司", date(2024, 5, 10), {"sectors": "批发、危险化学品"}),  # high-risk from that day
    ("暖阳家政服务公司", date(2025, 2, 1), {"safety_officers": 1}),
    ("绿循再生资源公司", date(2024, 9, 1), {"headcount": 34, "name": "绿循再生资源集团公司"}),
)

# 企业名称 | 等级 | 描述 | 来源 | 发现 | 上报 | 整改期限 | 整改完成 | 拒不整改 | 造成严重不良影响 | 处罚
HAZARDS = """
骏驰报废汽车回收公司 | 重大 | 拆解区与油液暂存间未隔开 | 督导检查 | 2023-10-17 | 2023-10-18 | | 2024-11-29 | | |
海棠汇购物中心 | 重大 | 疏散通道封闭改作仓库 | 自查 | 2023-06-05 | 2023-06-06 | 2024-08-31 | 2024-07-22 | | |
二号桥便民菜市场 | 重大 | 摊位私拉电线过载 | 举报 | 2023-12-31 | 2024-01-03 | | | | |
磐石土木工程队 | 重大 | 深基坑未按方案支护 | 督导检查 | 2024-01-01 | 2024-01-04 | 2024-04-30 | 2024-06-11 | | |
三盏灯烧烤店 | 重大 | 未装燃气报警器 | 督导检查 | 2024-08-06 | 2024-08-12 | 2024-09-06 | | 2024-09-20 | 是 | 2024-10-15
卫津加油站 | 重大 | 油罐区防雷接地失效 | 自查 | 2024-10-09 | 2024-10-12 | 2025-04-20 | | | |
安澜化工原料批发公司 | 重大 | 禁忌物料混存 | 督导检查 | 2025-03-29 | | 2025-06-30 | | | |
飞鸿石油销售公司 | 重大 | 卸油区静电接地断开 | 自查 | 2025-03-03 | 2025-03-04 | | 2025-03-21 | | |
月满楼大酒店 | 一般 | 应急照明两处不亮 | 自查 | 2024-12-02 | | 2024-12-16 | 2024-12-09 | | |
津东老字号商厦 | 一般 | 灭火器过期 | 督导检查 | 2025-01-14 | | 2025-02-14 | | | |
邻家生鲜超市 | 一般 | 货架占用疏散通道 | 举报 | 2025-02-26 | | | | | |
焕新再生资源分拣中心 | 一般 | 打包机急停失灵 | 督导检查 | 2024-06-18 | | 2024-07-02 | | 2024-07-10 | 否 |
风铃民宿管理公司 | | 楼梯间停放电动车 | 举报 | 2025-03-12 | | 2025-03-28 | 2025-03-27 | | |
"""

# 企业名称 | 发生日期 | 死亡 | 重伤 | 直接经济损失 | 负有责任 | 处罚日期
ACCIDENTS = """
青禾渡火锅城 | 2024-07-19 | 3 | 2 | 410.5 | 是 | 2024-10-30
云上小笼餐饮店 | 2024-11-05 | 0 | 1 | 36 | 是 | 2024-12-20
恒丰五金批发部 | 2024-09-02 | 2 | | | 是 | 2025-01-08
远帆冷链批发公司 | 2024-06-27 | 0 | 4 | 5200 | 是 |
知夏百货商场 | 2025-02-10 | 0 | 0 | 1000 | | 2025-03-19
迅达货运公司 | 2024-05-14 | 10 | 6 | 890 | |
"""

# 企业名称 | 开幕日期 | 预计参加人数 | 应急预案 | 安全工作方案 | 安全许可申请 | 安全许可
EXHIBITIONS = """
海河湾会展公司 | 2024-05-18 | 1000 | 2024-05-06 | 2024-05-06 | 2024-04-20 | 2024-05-15
海河湾会展公司 | 2024-10-12 | 999 | 2024-10-11 | | |
九州汇展览服务公司 | 2024-09-21 | 1000 | 2024-09-10 | 2024-09-21 | 2024-09-01 |
九州汇展览服务公司 | 2025-04-19 | 6500 | 2025-03-28 | | 2025-03-20 |
琉璃瓦文化展览公司 | 2024-12-07 | 300 | | | |
琉璃瓦文化展览公司 | 2025-06-14 | 2400 | | | |
天穹广场商业管理公司 | 2025-01-18 | | 2025-01-10 | | |
"""

# 企业名称 | 作业类别 | 有效期至 | 换证日期
CERTIFICATES = """
东门加油站 | 低压电工作业 | 2025-05-30 |
飞鸿石油销售公司 | 危险化学品安全作业 | 2024-11-12 | 2024-10-08
天穹广场商业管理公司 | 高压电工作业 | 2025-02-28 |
筑基建筑工程公司 | 焊接与热切割作业 | 2026-08-16 |
迅达货运公司 | 低压电工作业 | 2027-01-09 |
"""

# 事项 | 行政区划代码 | 完整起始日期 | 完整截止日期. Emergency-plan drills were not gathered before July 2024.
COVERAGE = """
主要负责人带队检查 | 120102 | 2024-01-01 |
疏散逃生演练 | 120102 | 2024-01-01 |
应急预案演练 | 120102 | 2024-07-01 |
"""

_NUMBERING = {"hazard_id": "YH-{:03}", "accident_id": "SG-{:03}", "exhibition_id": "ZH-{:03}",
              "certificate_id": "TZ-1201-{:04}"}
_DATES = ("{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0.year}.{0.month}.{0.day}", "{0:%Y%m%d}",
          "{0.year}年{0.month}月{0.day}日")
_YES_NO = (("是", "否"), ("√", "×"), ("有", "无"), ("1", "0"))
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

Cells = dict[str, object]


def build(path: Path) -> None:
    """Write the example workbook to ``path``; an existing file is replaced. Raises ``OSError``."""
    firms = list(_firms())
    codes = {str(firm["name"]): str(firm["uscc"]) for firm in firms}
    sheets: dict[str, list[Cells]] = {
        "enterprises": [*firms, *_later_rows(firms)],
        "records": list(_records(codes)),
        "hazards": list(_rows("hazards", HAZARDS, codes)),
        "accidents": list(_rows("accidents", ACCIDENTS, codes)),
        "exhibitions": list(_rows("exhibitions", EXHIBITIONS, codes)),
        "coverage": list(_rows("coverage", COVERAGE, codes)),
        "certificates": list(_rows("certificates", CERTIFICATES, codes)),
    }
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": "河东区安全生产台账（示例）", "created": datetime(2025, 3, 31)})
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.label.zh)
            page.freeze_panes(1, 0)
            page.set_column(0, len(sheet.columns) - 1, 18)
            page.write_row(0, 0, [column.label.zh for column in sheet.columns], bold)
            for row, cells in enumerate(sheets[sheet.name], start=1):
                for at, column in enumerate(sheet.columns):
                    value = _spelt(cells.get(column.name), column.type, row)
                    if isinstance(value, date):
                        page.write_datetime(row, at, value, day)
                    elif isinstance(value, float):
                        page.write_number(row, at, value)
                    elif value is not None:
                        page.write_string(row, at, str(value))


def _cut(table: str) -> Iterator[list[str]]:
    return ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())


def _credit_code(number: int, division: str) -> str:
    organisation = f"XXXX{number:04}"
    # GB 11714: the ninth character checks the organisation code; letters count from A = 10.
    total = sum(int(c, 36) * weight for c, weight in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    code = f"91{division}{organisation}{check}"
    return code + gb32100.calc_check_digit(code)


def _firms() -> Iterator[Cells]:
    for number, (name, sectors, headcount, officers, department, *_) in enumerate(_cut(ENTERPRISES), start=1):
        further = FURTHER.get(name, {})
        firm: Cells = {
            "name": name,
            "division": HEDONG,
            "sectors": sectors,
            "headcount": int(headcount),
            "safety_officers": int(officers) if officers else None,
            "safety_department": {"有": True, "无": False}.get(department),
            "registered_on": date(2003 + number % 20, 1 + number % 12, 1 + number % 28),
            **further,
        }
        yield {"uscc": _credit_code(number, str(firm["division"])), **firm}


def _later_rows(firms: list[Cells]) -> Iterator[Cells]:
    by_name = {firm["name"]: firm for firm in firms}
    return ({**by_name[name], "valid_from": start, **changes} for name, start, changes in LATER_ROWS)


def _records(codes: dict[str, str]) -> Iterator[Cells]:
    for number, (name, *_, inspections, evacuations, plans) in enumerate(_cut(ENTERPRISES), start=1):
        for kind, counts, months in (("主要负责人带队检查", inspections, 3), ("疏散逃生演练", evacuations, 6),
                                     ("应急预案演练", plans, 6)):
            for done in _days(counts, months, number):
                topic = "消防与用电" if done.month == 11 else None
                yield {"uscc": codes[name], "kind": kind, "date": done, "topic": topic}


def _days(counts: str, months: int, number: int) -> Iterator[date]:
    """The n-th digit is how often something was done in the n-th span of so many months since January 2024."""
    for span, times in enumerate(counts):
        for time in range(int(times)):
            # What is done once falls in the first or second month of the span, what is done often starts in the first.
            month = span * months + time + (number % 2 if times == "1" else 0)
            yield date(2024 + month // 12, 1 + month % 12, 1) + timedelta(days=(number * 5 + span * 3 + time * 7) % 28)


def _rows(sheet_name: str, table: str, codes: dict[str, str]) -> Iterator[Cells]:
    """The rows of a table whose columns are those of the sheet, the number left out and the name for the code."""
    sheet = next(sheet for sheet in SHEETS if sheet.name == sheet_name)
    numbering = sheet.columns[0].name if sheet.columns[0].name in _NUMBERING else None
    columns = [column for column in sheet.columns if column.name != numbering]
    for number, line in enumerate(_cut(table), start=1):
        row: Cells = {numbering: _NUMBERING[numbering].format(number)} if numbering else {}
        for column, cell in zip(columns, line, strict=False):
            if column.type is Type.USCC:
                row[column.name] = codes[cell]
            elif cell:
                row[column.name] = date.fromisoformat(cell) if column.type is Type.DATE else cell
        yield row


def _spelt(value: object, type: Type, row: int) -> object:
    """``value`` as the hand that wrote ``row`` spells it: a string, a number, a date, or nothing."""
    if value is None or value == "":
        return (None, None, None, "/", None, "—")[row % 6] if type is Type.INT else None
    if isinstance(value, bool):
        return _YES_NO[row % 4][0 if value else 1]
    if isinstance(value, date):
        if row % 7 < 2:
            return value
        text = _DATES[row % 5].format(value)
        return text.translate(_FULL_WIDTH) if row % 7 == 6 else text
    if type in (Type.INT, Type.DECIMAL):
        number = float(str(value))
        unit = {Type.INT: "人", Type.DECIMAL: "万元"}[type]
        return f"{value}{unit}" if row % 5 == 4 else number
    return value
