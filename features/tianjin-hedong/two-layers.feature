# language: zh-CN
功能: 方案与法规并行
  区里的方案和国家法规各管各的：商场不属高危，疏散逃生演练每年一次，应急预案演练仍是每半年一次。

  场景: 河东区的商场
    假如 规则包 "tianjin-hedong/commerce"、"tianjin-hedong/safety-committee"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 从业人员数 | 安全生产管理机构 | 生效日期   |
      | 120102       | 商场     | 143        | 有               | 2024-01-01 |
    当 截至 2024-08-01 判定
    那么 "evacuation_drill" 的义务恰为
      | 期间 | 结论   | 依据                                                           |
      | 2024 | 未到期 | hedong-commerce.evacuation-drill、hedong-safety.evacuation-drill |
    而且 "emergency_plan_drill" 的义务恰为
      | 期间   | 结论   | 依据                          |
      | 2024H1 | 不明   | statutes.emergency-plan-drill |
      | 2024H2 | 未到期 | statutes.emergency-plan-drill |
    而且 "safety_officer" 的 "state" 为已履行

  场景: 重大隐患的整改期限有两条依据
    假如 规则包 "tianjin-hedong/commerce"、"tianjin-hedong/safety-committee"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 生效日期   |
      | 120102       | 商场     | 2024-01-01 |
    而且 隐患如下
      | 隐患编号 | 等级 | 发现日期   | 上报日期   | 整改期限   |
      | YH-1     | 重大 | 2024-07-01 | 2024-07-02 | 2024-12-20 |
    当 截至 2024-08-01 判定
    那么 "hazard_rectification" 的义务恰为
      | 期间 | 结论   | 到期       | 依据                                                            |
      | YH-1 | 未到期 | 2024-12-20 | hedong-safety.hazard-rectification、statutes.hazard-rectification |
    而且 "hazard_reporting" 的 "YH-1" 为已履行
