"""A case from the accident to its end, with the program as its users call it, in two districts."""

from __future__ import annotations

from pathlib import Path

from tests.cases.conftest import HEDONG, LINGYUAN, SHEETS, document, process, refusal
from tests.cli.ledger import write_folder

LI, WANG = ("--by", "李四"), ("--by", "王五")


def ledger(tmp_path: Path) -> Path:
    process(tmp_path / "zhiben.db", "import", str(write_folder(tmp_path / "ledger", SHEETS)), on="2024-08-02")
    return tmp_path / "zhiben.db"


def standing(db: Path, on: str, *options: str) -> list[tuple[str, str]]:
    found = document(db, "query", HEDONG, *options, on=on)["recommendations"]
    return [(each["kind"], each["status"]) for each in found]


def test_hedong_lists_for_a_term_and_turns_down_the_other(tmp_path: Path) -> None:
    db = ledger(tmp_path)
    queried = document(db, "query", HEDONG, on="2024-08-02")["recommendations"]
    (listed,) = [each for each in queried if each["kind"] == "blacklist"]
    unrecorded = refusal(db, "case", "notify", listed["id"], *LI, "--reason", "送达告知书", on="2024-08-02")
    assert "先运行 zhiben sweep" in unrecorded
    process(db, "sweep", "--workers", "1", on="2024-08-02")
    found = {each["kind"]: each["id"] for each in document(db, "cases", on="2024-08-02")["cases"]
             if each["uscc"] == HEDONG}
    assert found.keys() == {"blacklist", "withhold_policy_support"}
    assert found["blacklist"] == listed["id"]
    blacklist, support = found["blacklist"], found["withhold_policy_support"]

    file = document(db, "case", "show", blacklist, on="2024-08-05")
    assert "不是决定" in file["notice"]["zh"]
    (ground,) = file["grounds"]
    assert (ground["rule"], ground["clause"]) == ("hedong-commerce.blacklist-accident", "四（三）")
    assert ground["quote"].startswith("对监管和执法部门处罚的发生较大安全生产事故")
    assert ground["facts"][0]["fact"] == "accident:SG-1"
    assert ground["facts"][0]["values"]["accident.deaths"] == 4
    assert [each["zh"] for each in file["competent"]] == ["作出行政处罚决定的应急管理部门"]
    assert {each["key"]: each["value"] for each in file["assumptions"]}.items() >= {
        "objection": "10", "term": "36", "removable_after": "12"}.items()

    process(db, "case", "notify", blacklist, *LI, "--reason", "送达告知书", on="2024-08-05")
    early = refusal(db, "case", "confirm", blacklist, *WANG, "--reason", "事实清楚", on="2024-08-15")
    assert "2024-08-15（含）" in early
    process(db, "case", "object", blacklist, *LI, "--reason", "企业称死者非本单位人员", on="2024-08-10")
    confirmed = process(db, "case", "confirm", blacklist[:6], *WANG, "--reason", "经核实死者系派遣员工，异议不成立",
                        on="2024-08-12")
    assert "即对 2024-08-10 异议的答复：企业称死者非本单位人员" in confirmed
    assert "2027-08-12 起失效" in confirmed

    process(db, "case", "notify", support, *LI, "--reason", "送达告知书", on="2024-08-05")
    process(db, "case", "reject", support, *WANG, "--reason", "已停发在前，无须另行决定", on="2024-08-20")
    assert standing(db, "2024-08-20") == [("blacklist", "confirmed"), ("withhold_policy_support", "rejected")]
    assert standing(db, "2024-08-20", "--as-of", "2024-08-11") == [
        ("blacklist", "notified"), ("withhold_policy_support", "notified")]
    process(db, "sweep", "--workers", "1", on="2027-08-11")
    assert standing(db, "2027-08-11")[0] == ("blacklist", "confirmed")
    process(db, "sweep", "--workers", "1", on="2027-09-01")
    assert standing(db, "2027-09-01")[0] == ("blacklist", "expired")
    over = refusal(db, "case", "lift", blacklist, *WANG, "--reason", "申请移出", on="2027-09-01")
    assert "2027-08-12 到期" in over
    history = document(db, "case", "show", blacklist, on="2027-09-01")["history"]
    assert [(each["kind"], each["on"], each["by"]) for each in history] == [
        ("notified", "2024-08-05", "李四"), ("objected", "2024-08-10", "李四"), ("confirmed", "2024-08-12", "王五")]
    assert history[-1]["answers"] == 1


def test_lingyuan_withholds_support_alone_and_lifts_it(tmp_path: Path) -> None:
    db = ledger(tmp_path)
    packs = ("--packs", "liaoning-lingyuan/commerce,national/statutes")
    process(db, "sweep", "--workers", "1", *packs, on="2024-08-02")
    (case,) = [each for each in document(db, "cases", *packs, on="2024-08-02")["cases"] if each["uscc"] == LINGYUAN]
    # Blank figures leave a lower bound, which is large (较大) here.
    assert (case["kind"], case["status"], case["since"]) == ("withhold_policy_support", "proposed", "2024-08-01")
    say = (*LI, "--reason", "事实清楚", *packs)
    assert "规则包" in refusal(db, "case", "notify", case["id"], *LI, "--reason", "送达告知书", on="2024-08-05")
    process(db, "case", "notify", case["id"], *say, on="2024-08-05")
    process(db, "case", "confirm", case["id"], *say, "--waives-objection", "企业书面放弃异议", on="2024-08-06")
    file = document(db, "case", "show", case["id"], *packs, on="2025-01-01")
    assert (file["status"], file["expires_on"]) == ("confirmed", None)
    assert [each["zh"] for each in file["competent"]] == ["凌源市商务局"]
    assert file["history"][-1]["waives"] == "企业书面放弃异议"
    process(db, "case", "lift", case["id"], *say, on="2025-03-01")
    rows = document(db, "export", "recommendations", "--kind", "政策支持", *packs, on="2025-03-02")
    assert [(row["uscc"], row["status"], row["decided_on"], row["competent"]) for row in rows
            if row["uscc"] == LINGYUAN] == [(LINGYUAN, "lifted", "2025-03-01", "凌源市商务局")]
    assert document(db, "export", "recommendations", "--status", "open", *packs, on="2025-03-02") == []
