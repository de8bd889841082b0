"""``zhiben notices`` and what becomes of letters, as their users see them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from engine.cli import notices as command
from engine.cli.folders import Aside
from tests.cli.conftest import Run, digest
from tests.cli.ledger import write_folder
from tests.notices.conftest import DAY, DRILL, MADE_UP, SHEETS, UGLY, WORST, written

pytestmark = pytest.mark.usefixtures("swept")

#: What is missed on 2025-03-20 and has been for so many days that all have reached the first step.
OF_WORST = [("evacuation_drill", "2024"), ("fire_check", "2024Q1"), ("fire_check", "2024Q2"), ("fire_check", "2024Q3"),
            ("fire_check", "2024Q4"), ("gas_alarm", "2024-01-01"), ("hazard_rectification", "YH-1"),
            ("risk_assessment", "2024-06-30")]


def keys(letter: dict[str, Any]) -> list[tuple[str, str]]:
    return [(matter["duty"], matter["key"]) for matter in letter["matters"]]


def text_of(file: Path) -> list[str]:
    return [paragraph.text for paragraph in Document(str(file)).paragraphs]


def add(run: Run, sheet: str, *rows: list[str]) -> None:
    folder = Path(f"more-{sheet}")
    folder.mkdir()
    with (folder / f"{sheet}.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    run("import", str(folder))


def test_one_letter_for_each_enterprise_and_step(run: Run) -> None:
    said = written(run, "-o", "out")
    assert [(letter["uscc"], letter["step"]) for letter in said["letters"]] == [
        (WORST, "remind"), (WORST, "summon"), (WORST, "hand_over"), (WORST, "suspend_business"),
        (DRILL, "remind"), (DRILL, "summon"), (UGLY, "remind"), (UGLY, "summon")]
    assert [letter["number"] for letter in said["letters"]] == [f"〔2025〕{n}号" for n in range(1, 9)]
    assert keys(said["letters"][0]) == OF_WORST
    assert keys(said["letters"][2]) == [OF_WORST[1], OF_WORST[2], OF_WORST[5], OF_WORST[7]]
    assert {letter["dated"] for letter in said["letters"]} == {DAY}
    assert {letter["comply_by"] for letter in said["letters"]} == {"2025-04-04"}
    assert sorted(each.name for each in Path("out").iterdir()) == sorted(
        ["register.xlsx", *(letter["file"] for letter in said["letters"])])
    assert said["letters"][1]["file"] == f"〔2025〕2号_{WORST}_summon.docx"
    assert "要求期限 15 日：没有文件规定天数" in [each["zh"] for each in said["letters"][0]["assumptions"]]


def test_what_a_letter_says(run: Run) -> None:
    said = written(run, "-o", "out", "--prefix", "津商安", "--issuer", "某某&局", "--days", "10", "--lang", "en")
    lines = text_of(Path("out") / said["letters"][0]["file"])
    assert lines[:4] == ["安全生产提醒函", "津商安〔2025〕1号", "甲饭店：",
                         "经核对我单位安全生产台账，截至2025年3月20日，你单位下列安全生产事项逾期未完成，现予提醒："]
    assert ("1．“疏散逃生演练”2024年度应于2024年12月31日前完成，截至2025年3月20日仍未完成，"
            "已逾期79日。（依据1）") in lines
    assert ("3．“防火检查”2024年第二季度应于2024年6月30日前完成（应完成2次，已完成1次），截至2025年3月20日仍未完成，"
            "已逾期263日，系连续第2次未按期完成。（依据2）") in lines
    assert "6．“可燃气体报警装置”自2024年1月1日起不符合要求，截至2025年3月20日已持续445日。（依据3）" in lines
    assert ("7．“隐患整改”（重大隐患YH-1：配电箱<裸露>，2025年1月10日发现，2025年2月15日拒不整改）"
            "应于2025年2月10日前完成，截至2025年3月20日仍未完成，已逾期38日。（依据4）") in lines
    assert "8．“安全风险辨识评估”应于2024年6月30日前完成，截至2025年3月20日仍未完成，已逾期263日。（依据5）" in lines
    assert "（2）《虚构的方案》一（一）：“每季度检查2次，推行‘一企一策’”。" in lines
    assert "本次提醒依据《虚构的方案》二（一）：“逾期的提醒、约谈、移交”。" in lines
    assert "请于2025年3月30日前完成上述事项，并将完成情况和佐证材料报我单位。" in lines
    assert lines[-2:] == ["某某&局", "2025年3月20日"]


def test_letters_to_others_are_addressed_to_them_or_left_to_fill_in(run: Run) -> None:
    blank = written(run, "-o", "out")["letters"]
    to_others = {letter["step"] for letter in blank if "＿" in letter["addressee"]}
    assert to_others == {"hand_over", "suspend_business"}
    assert "＿＿＿＿＿＿＿＿（有关部门）：" in text_of(Path("out") / blank[2]["file"])
    named = written(run, "-o", "out", "--authority", "某区应急管理局")["letters"]
    assert {letter["addressee"] for letter in named if letter["step"] in to_others} == {"某区应急管理局"}
    lines = text_of(Path("out") / named[3]["file"])
    assert lines[0] == "关于建议责令甲饭店停产停业整顿的函"
    assert f"甲饭店（统一社会信用代码：{WORST}）" in lines[3]


def test_names_are_text_and_nothing_else(run: Run) -> None:
    said = written(run, "-o", "out")
    (remind,) = [each for each in said["letters"] if (each["uscc"], each["step"]) == (UGLY, "remind")]
    assert text_of(Path("out") / remind["file"])[2] == "=天津<国际>&{{ 7*7 }}{% if x %}公司："


def test_what_is_over_is_held_back_with_the_reason(run: Run) -> None:
    (held,) = written(run, "-o", "out")["held_back"]
    assert (held["uscc"], held["step"], held["number"]) == (MADE_UP, "remind", None)
    assert held["reason"]["zh"] == "2025-02-01 已补做了结"
    assert held["reason"]["en"] == "made good on 2025-02-01"


def test_what_is_in_the_ledger_no_more_is_held_back(run: Run) -> None:
    written(run, "-o", "out")
    run("import", "undo", "1")
    said = written(run, "-o", "out")
    assert said["letters"] == []
    assert {each["reason"]["zh"] for each in said["held_back"]} == {"台账中没有这家单位了"}
    assert {each["number"] for each in said["held_back"] if each["uscc"] == MADE_UP} == {None}
    assert len({each["number"] for each in said["held_back"]}) == 9


def test_a_waiver_holds_back(run: Run) -> None:
    run("waive", DRILL, "evacuation_drill", "--from", "2024-12-01", "--to", "2025-12-31", "--retroactive", "改造",
        "--reason", "停业", "--by", "张三")
    said = written(run, "-o", "out")
    assert DRILL not in {letter["uscc"] for letter in said["letters"]}
    assert {each["reason"]["zh"] for each in said["held_back"] if each["uscc"] == DRILL} == {"已豁免（第 1 号）"}


def test_written_again_until_sent_with_the_same_number_date_and_matters(run: Run,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(run, "-o", "out")
    before = digest()
    same = written(run, "-o", "out")
    assert digest() == before
    assert [each["again"] for each in first["letters"]] == [False] * 8
    assert [{**each, "again": False} for each in same["letters"]] == first["letters"]
    assert {each["again"] for each in same["letters"]} == {True}
    monkeypatch.setenv("ZHIBEN_NOW", "2025-04-21T09:00")
    run("sweep")
    later = written(run, "-o", "later", "--days", "30")
    assert [{**each, "again": False} for each in later["letters"][:8]] == first["letters"]
    # Q3 of 2024 is handed over 200 days after 2024-10-01, Q1 of 2025 is reminded of.
    assert [(letter["number"], letter["step"], keys(letter)) for letter in later["letters"][8:]] == [
        ("〔2025〕9号", "remind", [("fire_check", "2025Q1")]),
        ("〔2025〕10号", "hand_over", [("fire_check", "2024Q3")])]
    assert later["letters"][9]["comply_by"] == "2025-05-21"


def test_the_files_are_the_same_to_the_byte(run: Run) -> None:
    written(run, "-o", "one")
    written(run, "-o", "two")
    for file in Path("one").glob("*.docx"):
        assert file.read_bytes() == (Path("two") / file.name).read_bytes()


def test_sent_once_and_never_twice_silently(run: Run) -> None:
    written(run, "-o", "out")
    assert "〔2025〕1号、〔2025〕3号" in run("notices", "sent", "2025-1", "[2025]3", "2025-1", "--by", "张三", "--how",
                                        "直接送达").stdout
    before = digest()
    refused = run("notices", "sent", "2025-1", "2025-99", "2025-2", "x", "2025-3", "--by", "李四", code=2).stderr
    assert digest() == before
    assert refused.splitlines() == [
        "没有文号“2025-99”；zhiben notices list 列出全部通知", "没有文号“x”；zhiben notices list 列出全部通知",
        "〔2025〕1号已于 2025-03-20 由张三发出（直接送达）；确需再次发出的，用 --again 写明理由",
        "〔2025〕3号已于 2025-03-20 由张三发出（直接送达）；确需再次发出的，用 --again 写明理由"]
    assert "--again" in run("notices", "sent", "2025-2", "--by", "李四", "--again", "退信", code=2).stderr
    run("notices", "sent", "2025-1", "--by", "李四", "--again", "退信", "--on", "2025-03-20")
    (listed,) = [e for e in json.loads(run("notices", "list", "--format", "json").stdout)["letters"]
                 if e["number"] == "〔2025〕1号"]
    assert listed["sent"] == [{"on": DAY, "by": "张三", "how": "直接送达", "again": None},
                              {"on": DAY, "by": "李四", "how": None, "again": "退信"}]
    assert [letter["number"] for letter in written(run, "-o", "out")["letters"]] == [
        f"〔2025〕{n}号" for n in (2, 4, 5, 6, 7, 8)]
    unsent = json.loads(run("notices", "list", "--unsent", "--format", "json").stdout)["letters"]
    assert [each["number"] for each in unsent] == [f"〔2025〕{n}号" for n in (2, 4, 5, 6, 7, 8)]


@pytest.mark.parametrize(("words", "said"), [
    (("sent", "2025-1"), "--by"), (("sent", "2025-1", "--by", " "), "--by 不能为空"),
    (("sent", "2025-1", "--by", "张三", "--on", "2025-03-21"), "还没有到"),
    (("sent", "2025-1", "--by", "张三", "--on", "2025-03-19"), "成文于 2025-03-20"),
    (("sent", "2025-1", "--by", "张" * 201), "201"),
    (("void", "2025-1", "--by", "张三"), "--reason"), (("void", "2025-9", "--by", "张三", "--reason", "x"), "没有文号"),
    (("--as-of", "2025-03-21"), "还没有到"), (("--prefix", "a/b"), "代字"), (("--division", "12"), "6 位"),
    (("--templates", "nowhere"), "没有文件夹"), (("--issuer", " "), "--issuer"),
    (("--db", "sqlite:///zhiben.db", "list"), "--db 请写在 list 之后"), (("-o", "out", "sent", "2025-1"), "之后"),
])
@pytest.mark.usefixtures("lettered")
def test_nonsense_is_refused_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    before = digest()
    refused = run("notices", *words, code=2)
    assert refused.stdout == ""
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    english = run("notices", "--lang", "en", *words, code=2).stderr
    assert not any("\u4e00" <= c <= "\u9fff" for c in english.replace("〔2025〕1号", ""))
    assert digest() == before
    assert not Path("notices-2025-03-20").exists()


def test_what_is_made_void_is_written_of_anew_under_another_number(run: Run) -> None:
    first = written(run, "-o", "out")["letters"]
    run("notices", "void", "2025-1", "2025-2", "--by", "张三", "--reason", "代字写错")
    refused = run("notices", "sent", "2025-1", "--by", "李四", code=2).stderr
    assert "〔2025〕1号已于 2025-03-20 由张三作废：代字写错" in refused
    assert "作废" in run("notices", "void", "2025-1", "--by", "李四", "--reason", "x", code=2).stderr
    run("notices", "sent", "2025-3", "--by", "张三")
    assert "发出" in run("notices", "void", "2025-3", "--by", "李四", "--reason", "x", code=2).stderr
    again = written(run, "-o", "out")["letters"]
    assert [(each["number"], each["again"]) for each in again[-2:]] == [("〔2025〕9号", False), ("〔2025〕10号", False)]
    assert [keys(each) for each in again[-2:]] == [keys(each) for each in first[:2]]


def test_what_is_made_good_before_it_was_sent_is_not_to_be_sent(run: Run) -> None:
    written(run, "-o", "out")
    add(run, "records", ["uscc", "kind", "date"], [DRILL, "evacuation_drill", DAY], [WORST, "evacuation_drill", DAY])
    result = run("notices", "-o", "out", "--format", "json")
    said = json.loads(result.stdout)
    assert DRILL not in {each["uscc"] for each in said["letters"]}
    assert keys(said["letters"][0]) == OF_WORST[1:]
    held = [(each["number"], each["uscc"]) for each in said["held_back"] if each["number"]]
    assert sorted(held) == sorted([("〔2025〕1号", WORST), ("〔2025〕2号", WORST), ("〔2025〕5号", DRILL),
                                   ("〔2025〕6号", DRILL)])
    assert f"〔2025〕5号_{DRILL}_remind.docx 是以前写出的，现在不应再发出" in result.stderr
    assert len([line for line in result.stderr.splitlines() if "请删去" in line]) == 2


def test_numbers_are_those_of_the_prefix_and_year(run: Run) -> None:
    assert [e["number"] for e in written(run, "-o", "a", "--step", "summon", "--prefix", "甲")["letters"]] == [
        "甲〔2025〕1号", "甲〔2025〕2号", "甲〔2025〕3号"]
    rest = written(run, "-o", "b", "--step", "remind", "--first", "58")["letters"]
    assert [each["number"] for each in rest] == ["〔2025〕58号", "〔2025〕59号", "〔2025〕60号"]
    third = written(run, "-o", "c", "--step", "hand_over", "--prefix", "甲", "--first", "2")["letters"]
    assert [each["number"] for each in third] == ["甲〔2025〕4号"]


def test_only_a_division_and_only_some_steps(run: Run) -> None:
    said = written(run, "-o", "out", "--division", "120103", "--step", "remind", "--step", "hand_over")
    assert [(letter["uscc"], letter["step"]) for letter in said["letters"]] == [(UGLY, "remind")]
    assert [each["uscc"] for each in said["held_back"]] == [MADE_UP]


def test_after_a_late_first_sweep_only_the_gravest(run: Run) -> None:
    said = written(run, "-o", "out", "--gravest")
    of_worst = {letter["step"]: keys(letter) for letter in said["letters"] if letter["uscc"] == WORST}
    assert of_worst == {
        "hand_over": [OF_WORST[1], OF_WORST[2], OF_WORST[5], OF_WORST[7]],
        "summon": [OF_WORST[0], OF_WORST[3], OF_WORST[4]],
        # What is recommended to others stands beside the measures, not above them.
        "remind": [OF_WORST[6]], "suspend_business": [OF_WORST[6]]}
    assert "已到更高措施“移交”" in {each["reason"]["zh"] for each in said["held_back"]}
    assert [each for each in written(run, "-o", "out", "--gravest")["letters"] if not each["again"]] == []


def test_reminders_of_what_is_due_soon_only_when_asked_for(run: Run) -> None:
    assert "due_soon" not in {each["step"] for each in written(run, "-o", "out")["letters"]}
    said = written(run, "-o", "out", "--reminders")
    new = [each for each in said["letters"] if not each["again"]]
    assert [(each["uscc"], each["step"], keys(each)) for each in new] == [
        (WORST, "due_soon", [("fire_check", "2025Q1")])]
    assert new[0]["comply_by"] is None
    lines = text_of(Path("out") / new[0]["file"])
    assert ("1．“防火检查”2025年第一季度应于2025年3月31日前完成（应完成2次，已完成0次），截至2025年3月20日尚未完成，"
            "距到期还有11日。（依据1）") in lines
    run("notices", "sent", "2025-9", "--by", "张三")
    assert [e for e in written(run, "-o", "out", "--reminders")["letters"] if e["step"] == "due_soon"] == []


def test_a_reminder_is_held_back_once_its_obligation_is_fulfilled(run: Run) -> None:
    written(run, "-o", "out", "--reminders")
    add(run, "records", ["uscc", "kind", "date"], [WORST, "fire_check", "2025-03-18"], [WORST, "fire_check", DAY])
    said = written(run, "-o", "out", "--reminders")
    assert "due_soon" not in {each["step"] for each in said["letters"]}
    assert [each["reason"]["zh"] for each in said["held_back"] if each["step"] == "due_soon"] == ["现为“已履行”"]


def test_sweeps_that_are_behind_are_told_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("notices", "-o", "out").stderr == ""
    monkeypatch.setenv("ZHIBEN_NOW", "2025-03-25T09:00")
    said = run("notices", "-o", "out").stderr
    assert "2025-03-20" in said
    assert len(said.splitlines()) == 1
    back = run("notices", "-o", "back", "--as-of", "2025-02-01")
    assert "写出通知 0 份" in back.stdout
    assert [each.name for each in Path("back").iterdir()] == ["register.xlsx"]


def test_without_a_sweep_there_is_nothing_to_write(run: Run) -> None:
    run("import", "--db", "sqlite:///new.db", str(write_folder(Path("again"), SHEETS)))
    result = run("notices", "--db", "sqlite:///new.db")
    assert "zhiben sweep" in result.stderr
    assert result.stdout == "没有要写的通知\n"


def test_as_of_a_past_day_only_what_was_issued_by_then(run: Run) -> None:
    said = written(run, "-o", "out", "--as-of", "2025-01-02")
    assert said["swept_to"] == DAY
    assert {each["dated"] for each in said["letters"]} == {"2025-01-02"}
    assert {each["uscc"] for each in said["letters"] if each["step"] == "remind"} == {WORST, DRILL, MADE_UP, UGLY}
    assert {each["step"] for each in said["letters"]} == {"remind", "summon", "hand_over"}
    later = run("notices", "-o", "out", "--format", "json")
    assert "已有成文" not in later.stderr
    run("notices", "void", "2025-1", "--by", "张三", "--reason", "试")
    assert "已有成文于 2025-03-20 的通知" in run("notices", "-o", "out", "--as-of", "2025-01-02").stderr


def test_the_journal_tells_of_every_row(run: Run) -> None:
    written(run, "-o", "out", "--reminders")
    run("notices", "sent", "2025-1", "--by", "张三", "--how", "邮寄")
    run("notices", "sent", "2025-1", "--by", "张三", "--again", "退信")
    run("notices", "void", "2025-2", "--by", "李四", "--reason", "写错")
    assert "一致" in run("verify").stdout


def test_the_folder_is_whole_or_not_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = digest()
    with monkeypatch.context() as patched:
        patched.setattr(command, "write_register", full)
        assert "No space left" in run("notices", "-o", "out", code=3).stderr
    assert digest() == before
    assert [each.name for each in Path().iterdir()] == ["zhiben.db"]
    assert "上级文件夹不存在" in run("notices", "-o", "no/where", code=3).stderr


def test_what_was_numbered_and_lost_is_written_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Aside, "move", lost)
        run("notices", "-o", "out", code=3)
    assert not Path("out").exists()
    said = written(run, "-o", "out")
    assert [(each["number"], each["again"]) for each in said["letters"]] == [
        (f"〔2025〕{n}号", True) for n in range(1, 9)]


def test_a_folder_has_a_name(run: Run, swept: Path) -> None:
    before = sorted(swept.iterdir())
    assert "没有写明文件夹" in run("notices", "-o", "", code=2).stderr
    assert sorted(swept.iterdir()) == before
    assert json.loads(run("notices", "list", "--format", "json").stdout)["letters"] == []
