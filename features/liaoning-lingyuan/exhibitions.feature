# language: zh-CN
功能: 凌源市的涉外经济技术展览会
  征求意见稿 二（四）6：在域内举办的涉外经济技术展览会活动审批或备案工作中……查验主办单位是否制定展览活动安全生产及应急预案，
  查验是否按照《大型群众性活动安全管理条例》制定安全工作方案并取得……活动安全许可。条例自1000人起适用；期限取开幕前一日。

  场景: 涉外展会，不足 1000 人只要应急预案
    假如 规则包 "liaoning-lingyuan/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 台账所列展会均为域内涉外经济技术展览会 | 生效日期   |
      | 211382       | 展览     | 是                                     | 2024-01-01 |
    而且 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 | 应急预案日期 |
      | ZH-1     | 2024-10-12 | 999          | 2024-10-11   |
      | ZH-2     | 2024-10-12 | 300          | 2024-10-12   |
      | ZH-3     | 2024-10-12 |              |              |
    当 截至 2024-10-12 判定
    那么 "exhibition_emergency_plan" 的义务恰为
      | 期间 | 结论   | 到期       | 依据                                        |
      | ZH-1 | 已履行 | 2024-10-11 | lingyuan-commerce.exhibition-emergency-plan |
      | ZH-2 | 已补做 | 2024-10-11 | lingyuan-commerce.exhibition-emergency-plan |
      | ZH-3 | 违规   | 2024-10-11 | lingyuan-commerce.exhibition-emergency-plan |
    而且 "exhibition_safety_plan" 的义务恰为
      | 期间 | 结论 | 缺少                           |
      | ?    | 不明 | exhibition.expected_attendance |
    而且 "exhibition_police_permit" 的义务恰为
      | 期间 | 结论 | 缺少                           |
      | ?    | 不明 | exhibition.expected_attendance |
    而且 没有 "exhibition_police_permit" 的违规

  场景: 涉外展会，1000 人起还要安全工作方案和安全许可
    假如 规则包 "liaoning-lingyuan/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 台账所列展会均为域内涉外经济技术展览会 | 生效日期   |
      | 211382       | 批发     | 是                                     | 2024-01-01 |
    而且 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 | 安全工作方案日期 | 安全许可申请日期 | 安全许可日期 |
      | ZH-4     | 2024-09-21 | 1000         | 2024-09-20       | 2024-08-01       | 2024-09-20   |
      | ZH-5     | 2024-09-21 | 1000         | 2024-09-21       | 2024-08-01       | 2024-09-21   |
      | ZH-6     | 2024-09-21 | 1000         |                  | 2024-08-01       |              |
      | ZH-7     | 2024-09-22 | 1000         |                  |                  |              |
    当 截至 2024-09-21 判定
    那么 "exhibition_safety_plan" 的义务恰为
      | 期间 | 结论     | 到期       | 依据                                     |
      | ZH-4 | 已履行   | 2024-09-20 | lingyuan-commerce.exhibition-safety-plan |
      | ZH-5 | 已补做   | 2024-09-20 | lingyuan-commerce.exhibition-safety-plan |
      | ZH-6 | 违规     | 2024-09-20 | lingyuan-commerce.exhibition-safety-plan |
      | ZH-7 | 即将到期 | 2024-09-21 | lingyuan-commerce.exhibition-safety-plan |
    而且 "exhibition_police_permit" 的义务恰为
      | 期间 | 结论     | 到期       | 依据                                                                         |
      | ZH-4 | 已履行   | 2024-09-20 | lingyuan-commerce.exhibition-police-permit、statutes.exhibition-police-permit |
      | ZH-5 | 已补做   | 2024-09-20 | lingyuan-commerce.exhibition-police-permit、statutes.exhibition-police-permit |
      | ZH-6 | 违规     | 2024-09-20 | lingyuan-commerce.exhibition-police-permit、statutes.exhibition-police-permit |
      | ZH-7 | 即将到期 | 2024-09-21 | lingyuan-commerce.exhibition-police-permit、statutes.exhibition-police-permit |

  场景: 不全是涉外展会的主办单位，草案什么也不要求，安全许可只凭条例
    假如 规则包 "liaoning-lingyuan/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 台账所列展会均为域内涉外经济技术展览会 | 生效日期   |
      | 211382       | 展览     | 否                                     | 2024-01-01 |
    而且 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 |
      | ZH-8     | 2024-10-12 | 5000         |
    当 截至 2024-11-01 判定
    那么 没有 "exhibition_emergency_plan" 的义务
    而且 没有 "exhibition_safety_plan" 的义务
    而且 "exhibition_police_permit" 的义务恰为
      | 期间 | 结论 | 到期       | 依据                              |
      | ZH-8 | 违规 | 2024-10-11 | statutes.exhibition-police-permit |

  场景: 没写是不是涉外展会，就不知道，不算违规
    假如 规则包 "liaoning-lingyuan/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 生效日期   |
      | 211382       | 展览     | 2024-01-01 |
    而且 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 |
      | ZH-8     | 2024-10-12 | 5000         |
    当 截至 2024-11-01 判定
    那么 "exhibition_emergency_plan" 的义务恰为
      | 期间 | 结论 | 缺少                      |
      | ?    | 不明 | foreign_trade_exhibitions |
    而且 "exhibition_safety_plan" 的义务恰为
      | 期间 | 结论 | 缺少                      |
      | ?    | 不明 | foreign_trade_exhibitions |
    而且 没有 "exhibition_emergency_plan" 的违规
    而且 没有 "exhibition_safety_plan" 的违规

  场景: 假定的首尾两日
    假如 规则包 "liaoning-lingyuan/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 台账所列展会均为域内涉外经济技术展览会 | 生效日期   |
      | 211382       | 展览     | 是                                     | 2023-01-01 |
    而且 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 |
      | ZH-10    | 2024-01-01 | 2000         |
      | ZH-11    | 2024-01-02 | 2000         |
      | ZH-12    | 2027-01-01 | 2000         |
      | ZH-13    | 2027-01-02 | 2000         |
    当 截至 2027-01-10 判定
    那么 "exhibition_emergency_plan" 的义务恰为
      | 期间  | 结论 | 到期       |
      | ZH-11 | 违规 | 2024-01-01 |
      | ZH-12 | 违规 | 2026-12-31 |
    而且 "exhibition_safety_plan" 的义务恰为
      | 期间  | 结论 | 到期       |
      | ZH-11 | 违规 | 2024-01-01 |
      | ZH-12 | 违规 | 2026-12-31 |
    而且 "exhibition_police_permit" 的义务恰为
      | 期间  | 结论 | 到期       | 依据                                                                         |
      | ZH-11 | 违规 | 2024-01-01 | lingyuan-commerce.exhibition-police-permit、statutes.exhibition-police-permit |
      | ZH-12 | 违规 | 2026-12-31 | lingyuan-commerce.exhibition-police-permit、statutes.exhibition-police-permit |
      | ZH-13 | 违规 | 2027-01-01 | statutes.exhibition-police-permit                                            |
