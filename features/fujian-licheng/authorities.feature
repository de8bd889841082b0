# language: zh-CN
功能: 部门的职责
  荔城区方案 二（二）4 至 6、二（五）15、17、18，附件2、3：镇街、工业园（部门类别“街道”）、区应急管理局、区直有关单位各有其事。

  背景:
    假如 规则包 "fujian-licheng/industry-trade"、"national/statutes"

  场景大纲: 镇街每年的 <职责>
    假如 部门情况如下
      | 部门名称 | 部门类别 | 行政区划代码 |
      | 某镇     | 街道     | 350304       |
    而且 "<事项>" 的台账自 2024-01-01 起齐全
    而且 "<事项>" 的记录有 2024-01-01
    当 截至 2026-01-01 判定
    那么 "<职责>" 的义务恰为
      | 期间 | 结论   | 起始       | 到期       | 应做 | 完成日期   | 依据   |
      | 2024 | 已履行 | 2024-01-01 | 2024-12-31 | 1    | 2024-01-01 | <依据> |
      | 2025 | 违规   | 2025-01-01 | 2025-12-31 | 1    |            | <依据> |
      | 2026 | 未到期 | 2026-01-01 | 2026-12-31 | 1    |            | <依据> |
    而且 "<职责>" 的违规恰为
      | 期间 | 状态   | 发生日期   | 逾期天数 |
      | 2025 | 未了结 | 2026-01-01 | 1        |

    例子:
      | 职责                    | 事项                 | 依据                                     |
      | annual_training_plan    | 年度培训计划         | licheng-industry.annual-training-plan    |
      | drill_observation       | 疏散逃生演练现场观摩 | licheng-industry.drill-observation       |
      | annual_enforcement_plan | 年度执法计划         | licheng-industry.annual-enforcement-plan |

  场景大纲: 方案印发之前、到期之后，镇街没有 <职责>
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 街道     | 350304       |
    当 截至 2024-04-06 判定
    那么 没有 "<职责>" 的义务
    当 截至 2024-04-07 判定
    那么 "<职责>" 的义务恰为
      | 期间 | 结论   |
      | 2024 | 未到期 |
    当 截至 2027-02-01 判定
    那么 "<职责>" 不要求 "2027"
    而且 "<职责>" 的 "2026" 为不明

    例子:
      | 职责                         |
      | annual_training_plan         |
      | drill_observation            |
      | annual_enforcement_plan      |
      | enforcement_officer_training |

  场景大纲: 不是镇街的，没有镇街的职责，<部门类别>
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 350304       |
    当 截至 2024-08-01 判定
    那么 没有 "annual_training_plan" 的义务
    而且 没有 "drill_observation" 的义务
    而且 没有 "annual_enforcement_plan" 的义务
    而且 没有 "enforcement_case_report" 的义务

    例子:
      | 部门类别     |
      | 应急管理部门 |
      | 区级部门     |
      | 商务局       |

  场景大纲: 外区的部门没有，<行政区划代码>
    假如 部门情况如下
      | 部门类别 | 行政区划代码   |
      | 街道     | <行政区划代码> |
    当 截至 2024-08-01 判定
    那么 没有 "annual_training_plan" 的义务
    而且 没有 "enforcement_case_report" 的义务

    例子:
      | 行政区划代码 |
      | 350303       |
      | 350305       |
      | 120102       |

  场景: 企业不承担部门的职责
    假如 企业情况如下
      | 行政区划代码 | 行业领域 | 生效日期   |
      | 350304       | 机械制造 | 2024-01-01 |
    当 截至 2024-08-01 判定
    那么 没有 "annual_training_plan" 的义务
    而且 没有 "enforcement_case_report" 的义务
    而且 没有 "machinery_injury_training" 的义务

  场景: 部门不承担企业的职责
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 街道     | 350304       |
    当 截至 2024-08-01 判定
    那么 没有 "leadership_inspection" 的义务
    而且 没有 "evacuation_drill" 的义务
    而且 没有 "risk_assessment" 的义务

  场景大纲: 执法人员培训每人每年 60 学时，<部门类别>
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 350304       |
    而且 "执法人员培训" 的台账自 2024-01-01 起齐全
    而且 履职记录如下
      | 事项         | 日期       | 数量 |
      | 执法人员培训 | 2024-05-16 | 24   |
      | 执法人员培训 | 2024-10-18 | 36   |
      | 执法人员培训 | 2025-06-12 | 40   |
      | 执法人员培训 | 2025-11-21 | 19.5 |
    当 截至 2026-01-01 判定
    那么 "enforcement_officer_training" 的义务恰为
      | 期间 | 结论   | 到期       | 应做 | 已做 | 完成日期   | 依据                                         |
      | 2024 | 已履行 | 2024-12-31 | 60   | 60   | 2024-10-18 | licheng-industry.enforcement-officer-training |
      | 2025 | 违规   | 2025-12-31 | 60   | 59.5 |            | licheng-industry.enforcement-officer-training |
      | 2026 | 未到期 | 2026-12-31 | 60   | 0    |            | licheng-industry.enforcement-officer-training |

    例子:
      | 部门类别     |
      | 街道         |
      | 应急管理部门 |

  场景: 没有写学时的培训，不知道够不够
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 街道     | 350304       |
    而且 "执法人员培训" 的台账自 2024-01-01 起齐全
    而且 履职记录如下
      | 事项         | 日期       | 数量 |
      | 执法人员培训 | 2024-05-16 | 59   |
      | 执法人员培训 | 2024-10-18 |      |
    当 截至 2025-01-01 判定
    那么 "enforcement_officer_training" 的 "2024" 为不明
    而且 没有 "enforcement_officer_training" 的违规

  场景大纲: 别的部门没有执法人员培训的职责，<部门类别>
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 350304       |
    当 截至 2024-08-01 判定
    那么 没有 "enforcement_officer_training" 的义务

    例子:
      | 部门类别 |
      | 区级部门 |
      | 商务局   |

  场景: 镇街每 2 个月报送 1 例执法案例，三、四月 61 天中只有 24 天，自五、六月起
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 街道     | 350304       |
    而且 "执法案例报送" 的台账自 2024-01-01 起齐全
    而且 履职记录如下
      | 事项         | 日期       | 数量 |
      | 执法案例报送 | 2024-04-30 | 1    |
      | 执法案例报送 | 2024-06-30 |      |
      | 执法案例报送 | 2024-09-01 | 2    |
    当 截至 2024-11-01 判定
    那么 "enforcement_case_report" 的义务恰为
      | 期间             | 结论   | 起始       | 到期       | 应做 | 已做 | 完成日期   | 依据                                     |
      | 2024-05..2024-06 | 已履行 | 2024-05-01 | 2024-06-30 | 1    | 1    | 2024-06-30 | licheng-industry.enforcement-case-report |
      | 2024-07..2024-08 | 已补做 | 2024-07-01 | 2024-08-31 | 1    | 0    |            | licheng-industry.enforcement-case-report |
      | 2024-09..2024-10 | 已履行 | 2024-09-01 | 2024-10-31 | 1    | 2    | 2024-09-01 | licheng-industry.enforcement-case-report |
      | 2024-11..2024-12 | 未到期 | 2024-11-01 | 2024-12-31 | 1    | 0    |            | licheng-industry.enforcement-case-report |

  场景: 报了 0 例不算报送
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 街道     | 350304       |
    而且 "执法案例报送" 的台账自 2024-01-01 起齐全
    而且 履职记录如下
      | 事项         | 日期       | 数量 |
      | 执法案例报送 | 2024-06-20 | 0    |
    当 截至 2024-07-01 判定
    那么 "enforcement_case_report" 的 "2024-05..2024-06" 为违规

  场景: 执法案例的第一期和最后一期
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 街道     | 350304       |
    当 截至 2024-04-30 判定
    那么 没有 "enforcement_case_report" 的义务
    当 截至 2024-05-01 判定
    那么 "enforcement_case_report" 的义务恰为
      | 期间             | 结论   |
      | 2024-05..2024-06 | 未到期 |
    当 截至 2027-01-15 判定
    那么 "enforcement_case_report" 的 "2026-11..2026-12" 为不明
    而且 "enforcement_case_report" 不要求 "2027-01..2027-02"

  场景大纲: 区应急管理局 2024 年底前的 <职责>，<日期>：<结论>
    假如 部门情况如下
      | 部门类别     | 行政区划代码 |
      | 应急管理部门 | 350304       |
    而且 "<事项>" 的台账自 2023-01-01 起齐全
    而且 "<事项>" 的记录有 <日期>
    当 截至 2025-01-01 判定
    那么 "<职责>" 的义务恰为
      | 期间       | 结论   | 到期       | 应做 | 依据   |
      | 2024-12-31 | <结论> | 2024-12-31 | 1    | <依据> |

    例子:
      | 职责                        | 事项                       | 日期       | 结论   | 依据                                    |
      | training_rules_refined      | 从业人员教育培训规定细化   | 2024-12-31 | 已履行 | licheng-industry.training-rules-refined |
      | training_rules_refined      | 从业人员教育培训规定细化   | 2023-12-31 | 已履行 | licheng-industry.training-rules-refined |
      | training_rules_refined      | 从业人员教育培训规定细化   | 2025-01-01 | 已补做 | licheng-industry.training-rules-refined |
      | footwear_principal_training | 鞋服规上企业主要负责人集中培训 | 2023-12-31 | 违规   | licheng-industry.footwear-training-held  |
      | footwear_principal_training | 鞋服规上企业主要负责人集中培训 | 2024-01-01 | 已履行 | licheng-industry.footwear-training-held  |
      | footwear_principal_training | 鞋服规上企业主要负责人集中培训 | 2024-12-31 | 已履行 | licheng-industry.footwear-training-held  |
      | footwear_principal_training | 鞋服规上企业主要负责人集中培训 | 2025-01-01 | 已补做 | licheng-industry.footwear-training-held  |
      | machinery_injury_training   | 机械制造行业工伤预防培训   | 2023-12-31 | 违规   | licheng-industry.machinery-training-held |
      | machinery_injury_training   | 机械制造行业工伤预防培训   | 2024-01-01 | 已履行 | licheng-industry.machinery-training-held |
      | machinery_injury_training   | 机械制造行业工伤预防培训   | 2024-12-31 | 已履行 | licheng-industry.machinery-training-held |
      | machinery_injury_training   | 机械制造行业工伤预防培训   | 2025-01-01 | 已补做 | licheng-industry.machinery-training-held |

  场景大纲: 区应急管理局以外的没有这三项，<部门类别>
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 350304       |
    当 截至 2024-08-01 判定
    那么 没有 "training_rules_refined" 的义务
    而且 没有 "footwear_principal_training" 的义务
    而且 没有 "machinery_injury_training" 的义务

    例子:
      | 部门类别 |
      | 街道     |
      | 区级部门 |
      | 商务局   |

  场景大纲: 综合管理服务系统 2024 年底前、管理服务模块 2025 年底前，<部门类别>
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 350304       |
    而且 "特种作业综合管理服务系统推广应用" 的台账自 2024-01-01 起齐全
    而且 "特种作业人员管理服务模块推广应用" 的台账自 2024-01-01 起齐全
    而且 "特种作业综合管理服务系统推广应用" 的记录有 2024-12-31
    当 截至 2026-01-01 判定
    那么 "special_operation_system" 的义务恰为
      | 期间       | 结论   | 应做 | 完成日期   | 依据                                      |
      | 2024-12-31 | 已履行 | 1    | 2024-12-31 | licheng-industry.special-operation-system |
    而且 "special_operation_module" 的义务恰为
      | 期间       | 结论 | 应做 | 完成日期 | 依据                                      |
      | 2025-12-31 | 违规 | 1    |          | licheng-industry.special-operation-module |

    例子:
      | 部门类别     |
      | 区级部门     |
      | 应急管理部门 |

  场景: 模块到期当天推广应用是按期，系统晚一天是补做
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 区级部门 | 350304       |
    而且 "特种作业综合管理服务系统推广应用" 的台账自 2024-01-01 起齐全
    而且 "特种作业综合管理服务系统推广应用" 的记录有 2025-01-01
    而且 "特种作业人员管理服务模块推广应用" 的记录有 2025-12-31
    当 截至 2026-01-01 判定
    那么 "special_operation_system" 的 "2024-12-31" 为已补做
    而且 "special_operation_module" 的 "2025-12-31" 为已履行

  场景大纲: 镇街和商务局没有推广系统的职责，<部门类别>
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 350304       |
    当 截至 2024-08-01 判定
    那么 没有 "special_operation_system" 的义务
    而且 没有 "special_operation_module" 的义务

    例子:
      | 部门类别 |
      | 街道     |
      | 商务局   |
