# language: zh-CN
功能: 展会
  河东区商务局方案 二（五）12：督促主办单位制定展览活动安全生产及应急预案；对预计参加人数达到1000人以上的展会，要求主办方
  制定安全工作方案并取得公安机关批复的活动安全许可。期限原文未写，取开幕前一日。

  背景:
    假如 规则包 "tianjin-hedong/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 生效日期   |
      | 120102       | 展览     | 2024-01-01 |

  场景: 999 人的展会只要应急预案
    假如 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 | 应急预案日期 |
      | ZH-1     | 2024-10-12 | 999          | 2024-10-11   |
    当 截至 2024-11-01 判定
    那么 "exhibition_emergency_plan" 的义务恰为
      | 期间 | 结论   | 到期       | 完成日期   |
      | ZH-1 | 已履行 | 2024-10-11 | 2024-10-11 |
    而且 没有 "exhibition_safety_plan" 的义务
    而且 没有 "exhibition_police_permit" 的义务

  场景: 1000 人的展会要齐三样，开幕当天才有算迟
    假如 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 | 应急预案日期 | 安全工作方案日期 | 安全许可申请日期 |
      | ZH-2     | 2024-09-21 | 1000         | 2024-09-20   | 2024-09-21       | 2024-09-01       |
    当 截至 2024-10-01 判定
    那么 "exhibition_emergency_plan" 的 "ZH-2" 为已履行
    而且 "exhibition_safety_plan" 的 "ZH-2" 为已补做
    而且 "exhibition_safety_plan" 的违规恰为
      | 期间 | 状态   | 到期       | 发生日期   | 了结日期   | 逾期天数 | 连续期数 |
      | ZH-2 | 已了结 | 2024-09-20 | 2024-09-21 | 2024-09-21 | 1        | 1        |
    而且 "exhibition_police_permit" 的违规恰为
      | 期间 | 状态   | 到期       | 发生日期   | 了结日期 | 逾期天数 | 依据                                                                        |
      | ZH-2 | 未了结 | 2024-09-20 | 2024-09-21 |          | 11       | hedong-commerce.exhibition-police-permit、statutes.exhibition-police-permit |
    而且 "exhibition_permit_application" 的 "ZH-2" 为已履行

  场景: 开幕之前
    假如 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 | 安全许可日期 |
      | ZH-3     | 2024-12-01 | 2400         | 2024-10-08   |
    当 截至 2024-10-10 判定
    那么 "exhibition_emergency_plan" 的 "ZH-3" 为未到期
    而且 "exhibition_safety_plan" 的 "ZH-3" 为未到期
    而且 "exhibition_police_permit" 的 "ZH-3" 为已履行

  场景: 方案印发前到期的，方案不要求；条例的许可照样要
    假如 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 |
      | ZH-4     | 2024-03-11 | 5000         |
      | ZH-5     | 2024-03-12 | 5000         |
    当 截至 2024-04-01 判定
    那么 "exhibition_emergency_plan" 的义务恰为
      | 期间 | 结论 | 到期       |
      | ZH-5 | 违规 | 2024-03-11 |
    而且 "exhibition_safety_plan" 的义务恰为
      | 期间 | 结论 | 到期       |
      | ZH-5 | 违规 | 2024-03-11 |
    而且 "exhibition_police_permit" 的义务恰为
      | 期间 | 结论 | 到期       | 依据                                                                        |
      | ZH-4 | 违规 | 2024-03-10 | statutes.exhibition-police-permit                                           |
      | ZH-5 | 违规 | 2024-03-11 | hedong-commerce.exhibition-police-permit、statutes.exhibition-police-permit |

  场景: 预计人数空白，是否要许可就不知道
    假如 展会如下
      | 活动编号 | 开幕日期   | 应急预案日期 |
      | ZH-6     | 2024-10-12 | 2024-10-01   |
    当 截至 2024-11-01 判定
    那么 "exhibition_emergency_plan" 的 "ZH-6" 为已履行
    而且 没有 "exhibition_police_permit" 的违规
    而且 "exhibition_police_permit" 的义务恰为
      | 期间 | 结论 | 缺少                           |
      | ?    | 不明 | exhibition.expected_attendance |
