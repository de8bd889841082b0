# language: zh-CN
功能: 大型展览的安全许可（全国）
  大型群众性活动安全管理条例 第二条：每场次预计参加人数达到1000人以上的展览、展销等活动；第十二条：由公安机关实施安全许可；第十三条：承办者
  应当在活动举办日的20日前提出安全许可申请。取得许可的期限原文未写，取开幕前一日。

  背景:
    假如 规则包 "national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 生效日期   |
      | 370102       | 商场     | 2023-01-01 |

  场景: 开幕前第20天申请不迟，第19天就迟
    假如 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 | 安全许可申请日期 | 安全许可日期 |
      | ZH-1     | 2024-09-21 | 1000         | 2024-09-01       | 2024-09-20   |
      | ZH-2     | 2024-09-21 | 1000         | 2024-09-02       | 2024-09-21   |
      | ZH-3     | 2024-09-21 | 6000         |                  |              |
    当 截至 2024-10-01 判定
    那么 "exhibition_permit_application" 的义务恰为
      | 期间 | 结论   | 到期       | 完成日期   | 依据                                   |
      | ZH-1 | 已履行 | 2024-09-01 | 2024-09-01 | statutes.exhibition-permit-application |
      | ZH-2 | 已补做 | 2024-09-01 |            | statutes.exhibition-permit-application |
      | ZH-3 | 违规   | 2024-09-01 |            | statutes.exhibition-permit-application |
    而且 "exhibition_permit_application" 的违规恰为
      | 期间 | 状态   | 发生日期   | 了结日期   | 逾期天数 |
      | ZH-2 | 已了结 | 2024-09-02 | 2024-09-02 | 1        |
      | ZH-3 | 未了结 | 2024-09-02 |            | 30       |
    而且 "exhibition_police_permit" 的义务恰为
      | 期间 | 结论   | 到期       | 完成日期   | 依据                              |
      | ZH-1 | 已履行 | 2024-09-20 | 2024-09-20 | statutes.exhibition-police-permit |
      | ZH-2 | 已补做 | 2024-09-20 |            | statutes.exhibition-police-permit |
      | ZH-3 | 违规   | 2024-09-20 |            | statutes.exhibition-police-permit |

  场景: 999 人的不要许可
    假如 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 |
      | ZH-4     | 2024-09-21 | 999          |
    当 截至 2024-10-01 判定
    那么 没有 "exhibition_permit_application" 的义务
    而且 没有 "exhibition_police_permit" 的义务

  场景: 预计人数空白，是否要许可就不知道
    假如 展会如下
      | 活动编号 | 开幕日期   |
      | ZH-5     | 2024-09-21 |
    当 截至 2024-10-01 判定
    那么 "exhibition_permit_application" 的义务恰为
      | 期间 | 结论 | 缺少                           |
      | ?    | 不明 | exhibition.expected_attendance |
    而且 没有 "exhibition_permit_application" 的违规
    而且 没有 "exhibition_police_permit" 的违规

  场景: 还没有到申请的期限
    假如 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 |
      | ZH-6     | 2024-12-21 | 2000         |
    当 截至 2024-12-01 判定
    那么 "exhibition_permit_application" 的 "ZH-6" 为即将到期

  场景: 2023 年到期的不判
    假如 展会如下
      | 活动编号 | 开幕日期   | 预计参加人数 |
      | ZH-8     | 2024-01-01 | 2000         |
      | ZH-9     | 2024-01-20 | 2000         |
    当 截至 2024-02-01 判定
    那么 "exhibition_police_permit" 的义务恰为
      | 期间 | 结论 | 到期       |
      | ZH-9 | 违规 | 2024-01-19 |
    而且 没有 "exhibition_permit_application" 的义务
