"""``zhiben cases``, ``zhiben case``, and decided cases in what the other commands say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.conftest import HEDONG, LINGYUAN, Run, ids
from tests.databases import BOTH, digest

DATABASES = BOTH
SAY = ("--by", "李四", "--reason", "事实清楚")
JSON = ("--format", "json")


def refused(run: Run, db: str, *words: str, on: str = "2024-08-05", code: int = 2) -> str:
    before = digest(db)
    result = run(*words, on=on, code=code)
    assert (result.stdout, digest(db)) == ("", before)
    assert len(result.stderr.splitlines()) == 1
    return result.stderr


def confirmed(run: Run, case: str) -> None:
    run("case", "notify", case, *SAY, on="2024-08-05")
    run("case", "object", case, *SAY, on="2024-08-06")
    run("case", "confirm", case, *SAY, on="2024-08-07")


def test_cases_are_listed_and_chosen(run: Run) -> None:
    found = run("cases", *JSON)["cases"]
    assert [(each["kind"], each["status"], each["uscc"], each["name"]) for each in found] == [
        ("blacklist", "proposed", HEDONG, "甲饭店"), ("withhold_policy_support", "proposed", HEDONG, "甲饭店")]
    confirmed(run, found[0]["id"])

    def chosen(*options: str) -> list[str]:
        return [each["kind"] for each in run("cases", *options, *JSON, on="2024-08-08")["cases"]]

    for options in (("--kind", "黑名单"), ("--kind", "Blacklist"), ("--status", "confirmed")):
        assert chosen(*options) == ["blacklist"]
    assert chosen("--status", "open") == ["blacklist", "withhold_policy_support"]
    assert chosen("--status", "closed") == chosen("--division", "211300") == chosen("--as-of", "2024-07-31") == []
    assert chosen("--division", "120000") == chosen()
    assert chosen("--status", "proposed", "--as-of", "2024-08-04") == chosen()
    listed = run("cases", on="2024-08-08").stdout
    assert "已确认" in listed
    assert "李四" in listed
    assert "列入黑名单" in listed
    assert "没有登记在册的建议" in run("cases", "--status", "lifted").stdout


def test_kinds_and_divisions_that_do_not_exist(run: Run, db: str) -> None:
    assert "blacklist" in refused(run, db, "cases", "--kind", "blacklst")
    assert "withhold_policy_support" in refused(run, db, "cases", "--kind", "建议")
    assert "6 位" in refused(run, db, "cases", "--division", "12")
    assert "recommendations" in refused(run, db, "export", "violations", "--kind", "blacklist", *JSON)


def test_an_id_may_be_cut_short_but_not_too_short(run: Run, db: str) -> None:
    of = ids(run)
    one, other = of.values()
    shared = next(n for n in range(12) if one[n] != other[n])
    assert run("case", "show", one[:shared + 1].upper(), *JSON)["id"] == one
    if shared:
        assert other in refused(run, db, "case", "show", one[:shared])
    for wrong in ("zzzz", "%", "_", " ", "é"):
        assert "zhiben sweep" in refused(run, db, "case", "notify", wrong, *SAY)


@pytest.mark.parametrize(("words", "said"), [
    (("notify",), "--by、--reason"),
    (("notify", "--by", "李四"), "--reason"),
    (("notify", "--by", " ", "--reason", "x"), "经办人不能为空"),
    (("notify", "--by", "x", "--reason", "……"), "理由不能为空"),
    (("confirm", *SAY), "notify（告知）、reject（不予采纳）"),
    (("object", *SAY), "已提出"),
    (("lift", *SAY), "2024-08-01 起"),
])
def test_what_is_not_possible_changes_nothing(run: Run, db: str, words: tuple[str, ...], said: str) -> None:
    action, *options = words
    assert said in refused(run, db, "case", action, ids(run)["blacklist"], *options)


def test_a_wrong_step_is_told_who_did_the_last_one(run: Run, db: str) -> None:
    case = ids(run)["blacklist"]
    confirmed(run, case)
    said = refused(run, db, "case", "reject", case, "--by", "王五", "--reason", "不同意", on="2024-09-01")
    assert "李四 于 2024-08-07 登记：事实清楚" in said
    assert "lift（提前移出）、revoke（撤销）" in said
    assert "2024-08-07" in refused(run, db, "case", "revoke", case, *SAY, on="2024-08-06")


def test_the_file_as_of_an_earlier_day_has_no_later_entries(run: Run) -> None:
    case = ids(run)["blacklist"]
    confirmed(run, case)
    run("case", "revoke", case, "--by", "王五", "--reason", "事故认定有误", on="2024-09-01")

    def stood(day: str) -> tuple[str, list[str]]:
        file = run("case", "show", case, "--as-of", day, *JSON, on="2024-09-02")
        return file["status"], [entry["kind"] for entry in file["history"]]

    assert stood("2024-08-04") == ("proposed", [])
    assert stood("2024-08-06") == ("notified", ["notified", "objected"])
    assert stood("2024-08-31") == ("confirmed", ["notified", "objected", "confirmed"])
    assert stood("2024-09-01") == ("revoked", ["notified", "objected", "confirmed", "revoked"])


def test_what_the_file_says_to_people(run: Run) -> None:
    case = ids(run)["blacklist"]
    before = run("case", "show", case).stdout
    for said in ("不是决定", "甲饭店", "《河东区商务局安全生产治本攻坚三年行动方案（2024年—2026年）》四（三）",
                 "探索建立黑名单制度", "事故 SG-1：", "死亡人数 4", "有权机关：作出行政处罚决定的应急管理部门（假定）",
                 "谁处罚、谁决定、谁负责", "告知后 10 日内可提异议", "期限：自确认起 36 个月", "尚未办理",
                 "zhiben case notify"):
        assert said in before
    confirmed(run, case)
    after = run("case", "show", case, "--lang", "en", on="2024-08-08").stdout
    for said in ("2024-08-06  objected (李四): 事实清楚", "this answers 1 objection(s)", "over on 2027-08-07",
                 "may be lifted from 2025-08-07 on", "possible: zhiben case lift, revoke", "deaths 4"):
        assert said in after


def test_the_grounds_stay_as_they_were_decided_on(run: Run, db: str, tmp_path: Path) -> None:
    case = ids(run)["blacklist"]
    confirmed(run, case)
    assert run("case", "show", case, *JSON, on="2024-08-08")["grounds_stand"] is True
    run("import", "undo", "1", on="2024-08-09")
    run("sweep", "--workers", "1", on="2024-08-09")
    file = run("case", "show", case, *JSON, on="2024-08-10")
    assert (file["status"], file["grounds_stand"], file["name"]) == ("confirmed", False, None)
    assert file["grounds"][0]["facts"][0]["values"]["accident.deaths"] == 4
    other = ids(run)["withhold_policy_support"]
    assert "根据不再存在" in refused(run, db, "case", "notify", other, *SAY, on="2024-08-10")
    withdrawn = run("cases", "--status", "withdrawn", *JSON, on="2024-08-10")["cases"]
    assert [(each["id"], each["withdrawn_on"]) for each in withdrawn] == [(other, "2024-08-09")]


def test_before_the_sweep_sees_that_the_grounds_are_gone_nothing_is_decided_on_them(run: Run, db: str) -> None:
    case = ids(run)["blacklist"]
    run("import", "undo", "1", on="2024-08-03")
    assert "已无根据" in refused(run, db, "case", "notify", case, *SAY)
    assert run("case", "reject", case, *SAY, on="2024-08-05").exit_code == 0


def test_query_and_export_show_what_was_decided(run: Run) -> None:
    case = ids(run)["blacklist"]
    confirmed(run, case)

    def row(*options: str) -> dict[str, object]:
        found = run("query", HEDONG, *options, *JSON, on="2024-09-01")["recommendations"]
        return next(each for each in found if each["id"] == case)

    now = row()
    assert {key: now[key] for key in ("status", "label", "decided_on", "decided_by", "reason", "expires_on")} == {
        "status": "confirmed", "label": "列入黑名单", "decided_on": "2024-08-07", "decided_by": "李四",
        "reason": "事实清楚", "expires_on": "2027-08-07"}
    assert row("--as-of", "2024-08-06")["status"] == "notified"
    assert row("--known-at", "2024-08-05")["status"] == "notified"
    assert row("--known-at", "2024-08-04")["status"] == "proposed"
    assert row("--as-of", "2024-08-04")["decided_on"] is None
    exported = run("export", "recommendations", "--kind", "blacklist", *JSON, on="2024-09-01")
    assert [(each["uscc"], each["status"], each["competent"]) for each in exported] == [
        (HEDONG, "confirmed", "作出行政处罚决定的应急管理部门")]
    assert "已确认" in run("query", HEDONG, on="2024-09-01").stdout
    run("case", "revoke", case, *SAY, on="2024-09-01")
    for status, kinds in (("open", ["withhold_policy_support"]), ("closed", ["blacklist"])):
        rows = run("export", "recommendations", "--status", status, *JSON, on="2024-09-01")
        assert [each["kind"] for each in rows] == kinds
    readable = run("export", "recommendations", "--readable", "--format", "csv", on="2024-09-01").stdout
    assert "已撤销" in readable
    assert "事故 SG-1" in readable


def test_what_was_rejected_is_not_proposed_again(run: Run) -> None:
    case = ids(run)["blacklist"]
    run("case", "reject", case, *SAY, on="2024-08-05")
    run("sweep", "--workers", "1", on="2024-08-06")
    assert run("sweep", "--workers", "1", *JSON, on="2024-08-07")["recommendations_proposed"] == 0
    assert run("case", "show", case, *JSON, on="2024-08-07")["status"] == "rejected"


def test_another_district_has_its_own(run: Run) -> None:
    assert ids(run, LINGYUAN) == {}
