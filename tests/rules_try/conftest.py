"""An author's folder outside the repository: a pack for an invented city, and its scenarios."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main

Run = Callable[..., Result]

PACK = """\
pack: xin-shi/lifts
titles: {zh: 新市电梯, en: Lifts of Xin}
documents:
  doc: {title: 新市电梯安全办法, issuer: 新市, date: 2024-01-01}
division: "990102"
sectors: [mall, hotel]
effective: {from: 2024-01-01, to: 2025-12-31}
kinds: {lift_check: {zh: 电梯检查, en: lift check}}
rules:
  - id: xin.lift-check
    duty: lift_check
    titles: {zh: 电梯检查, en: Lift check}
    clause: 第三条
    quote: 每季度检查电梯，百人以上的每月检查
    cases:
      - when: {headcount: {ge: 100}}
        every: month
      - every: quarter
"""

FEATURE = """\
# language: zh-CN
功能: 电梯检查

  背景:
    假如 规则包 "lifts.yaml"

  场景: 每季度一次
    假如 企业情况如下
      | 行政区划代码 | 行业领域 | 从业人员数 | 生效日期   |
      | 990102       | 商场     | 99         | 2024-01-01 |
    而且 "电梯检查" 的记录有 2024-02-01
    当 截至 2024-04-02 判定
    那么 "lift_check" 的义务恰为
      | 期间   | 结论   | 到期       |
      | 2024Q1 | 已履行 | 2024-03-31 |
      | 2024Q2 | 未到期 | 2024-06-30 |

  场景大纲: 百人以上每月一次
    假如 企业情况如下
      | 行政区划代码 | 行业领域 | 从业人员数 | 生效日期   |
      | 990102       | 宾馆酒店 | <人数>     | 2024-01-01 |
    当 截至 2024-01-02 判定
    那么 "lift_check" 的 "2024-01" 为未到期

    例子:
      | 人数 |
      | 100  |
      | 260  |
"""

ENGLISH = """\
Feature: lift checks

  Scenario: elsewhere
    Given the rule packs "lifts.yaml"
    And the enterprise is as follows
      | division | sectors | headcount | valid_from |
      | 990103   | mall    | 99        | 2024-01-01 |
    When judged as of 2024-04-02
    Then there are no obligations of "lift_check"
"""


@pytest.fixture
def author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: ``features`` with a pack and two feature files, all of whose scenarios pass."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "features"
    folder.mkdir()
    (folder / "lifts.yaml").write_text(PACK, encoding="utf-8")
    (folder / "lifts.feature").write_text(FEATURE, encoding="utf-8")
    (folder / "elsewhere.feature").write_text(ENGLISH, encoding="utf-8")
    return tmp_path


@pytest.fixture
def rules() -> Run:
    """``rules("test", …, code=0)``: call ``zhiben rules`` and check its exit status."""

    def invoke(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["rules", *words])
        assert result.exit_code == code, (result.output, result.exception)
        assert "Traceback" not in result.output
        return result

    return invoke
