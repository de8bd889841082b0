# language: zh-CN
功能: 区安委会方案给部门、街道定的期限
  三（一）：2024年3月底前召开全区动员部署会议，各部门、各街道同步制定实施方案并进行动员部署；二（五）9、10，二（六）12、14，
  二（七）15、16，二（九）22、25：2024年底前、2025年底前的各项任务。

  背景:
    假如 规则包 "tianjin-hedong/safety-committee"、"national/statutes"

  场景大纲: 期限当天不迟，次日就迟，不做就违规
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 120102       |
    而且 "<事项>" 的台账自 2024-01-01 起齐全
    而且 "<事项>" 的记录有 <期限>
    当 截至 <次日> 判定
    那么 "<义务>" 的义务恰为
      | 期间   | 结论   | 到期   | 完成日期 | 依据   |
      | <期限> | 已履行 | <期限> | <期限>   | <依据> |

    例子: 区安委会办公室
      | 部门类别     | 义务                        | 事项                         | 期限       | 次日       | 依据                               |
      | 安委会办公室 | district_mobilisation       | 全区动员部署会议             | 2024-03-31 | 2024-04-01 | hedong-safety.district-mobilisation |
      | 安委会办公室 | hazard_statistics_mechanism | 分街域分行业隐患统计分析机制 | 2024-12-31 | 2025-01-01 | hedong-safety.statistics-mechanism |
      | 安委会办公室 | hazard_database_rules       | 重大隐患数据库运行管理机制   | 2024-12-31 | 2025-01-01 | hedong-safety.hazard-database      |

    例子: 应急管理、住房城乡建设部门
      | 部门类别     | 义务                         | 事项                           | 期限       | 次日       | 依据                                      |
      | 应急管理部门 | power_monitoring_system      | 电力监测分析系统               | 2024-12-31 | 2025-01-01 | hedong-safety.power-monitoring            |
      | 应急管理部门 | monitoring_coverage          | 安全风险监测预警全覆盖         | 2025-12-31 | 2026-01-01 | hedong-safety.monitoring-coverage         |
      | 应急管理部门 | training_institution_review  | 安全生产培训机构条件复核       | 2024-12-31 | 2025-01-01 | hedong-safety.training-institutions       |
      | 应急管理部门 | special_operations_platform  | 特种作业人员综合管理服务系统   | 2025-12-31 | 2026-01-01 | hedong-safety.special-operations-platform |
      | 住房城乡建设 | water_and_housing_coverage   | 消防供水和自建房整治全覆盖     | 2025-12-31 | 2026-01-01 | hedong-safety.water-and-housing           |

    例子: 各街道
      | 部门类别 | 义务                | 事项             | 期限       | 次日       | 依据                       |
      | 街道     | mobilisation        | 动员部署         | 2024-03-31 | 2024-04-01 | hedong-safety.mobilisation |
      | 街道     | implementation_plan | 三年行动实施方案 | 2024-03-31 | 2024-04-01 | hedong-safety.street-plan  |

  场景大纲: 期限次日才做的，已经违规
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 120102       |
    而且 "<事项>" 的台账自 2024-01-01 起齐全
    而且 "<事项>" 的记录有 <次日>
    当 截至 <次日> 判定
    那么 "<义务>" 的违规恰为
      | 期间   | 状态   | 到期   | 发生日期 | 了结日期 | 逾期天数 | 连续期数 |
      | <期限> | 已了结 | <期限> | <次日>   | <次日>   | 1        | 1        |

    例子:
      | 部门类别     | 义务                         | 事项                           | 期限       | 次日       |
      | 安委会办公室 | district_mobilisation        | 全区动员部署会议               | 2024-03-31 | 2024-04-01 |
      | 安委会办公室 | hazard_statistics_mechanism  | 分街域分行业隐患统计分析机制   | 2024-12-31 | 2025-01-01 |
      | 安委会办公室 | hazard_database_rules        | 重大隐患数据库运行管理机制     | 2024-12-31 | 2025-01-01 |
      | 应急管理部门 | power_monitoring_system      | 电力监测分析系统               | 2024-12-31 | 2025-01-01 |
      | 应急管理部门 | monitoring_coverage          | 安全风险监测预警全覆盖         | 2025-12-31 | 2026-01-01 |
      | 应急管理部门 | training_institution_review  | 安全生产培训机构条件复核       | 2024-12-31 | 2025-01-01 |
      | 应急管理部门 | special_operations_platform  | 特种作业人员综合管理服务系统   | 2025-12-31 | 2026-01-01 |
      | 住房城乡建设 | water_and_housing_coverage   | 消防供水和自建房整治全覆盖     | 2025-12-31 | 2026-01-01 |
      | 街道         | mobilisation                 | 动员部署                       | 2024-03-31 | 2024-04-01 |
      | 街道         | implementation_plan          | 三年行动实施方案               | 2024-03-31 | 2024-04-01 |

  场景大纲: 各部门共同的期限
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 120102       |
    而且 "三年行动实施方案" 的台账自 2024-01-01 起齐全
    而且 "动员部署" 的记录有 2024-03-31
    而且 "从业人员教育培训规定要求" 的记录有 2024-12-31
    而且 "执法统计考评和案例报送制度" 的台账自 2024-01-01 起齐全
    而且 "执法统计考评和案例报送制度" 的记录有 2025-01-01
    而且 "安全生产专家库" 的台账自 2024-01-01 起齐全
    当 截至 2025-01-01 判定
    那么 "mobilisation" 的义务恰为
      | 期间       | 结论   | 到期       | 完成日期   | 依据                       |
      | 2024-03-31 | 已履行 | 2024-03-31 | 2024-03-31 | hedong-safety.mobilisation |
    而且 "implementation_plan" 的义务恰为
      | 期间       | 结论 | 到期       | 依据                          |
      | 2024-03-31 | 违规 | 2024-03-31 | hedong-safety.department-plan |
    而且 "staff_training_rules" 的义务恰为
      | 期间       | 结论   | 到期       | 完成日期   | 依据                               |
      | 2024-12-31 | 已履行 | 2024-12-31 | 2024-12-31 | hedong-safety.staff-training-rules |
    而且 "enforcement_systems" 的义务恰为
      | 期间       | 结论   | 到期       | 依据                              |
      | 2024-12-31 | 已补做 | 2024-12-31 | hedong-safety.enforcement-systems |
    而且 "expert_pool" 的违规恰为
      | 期间       | 状态   | 发生日期   | 依据                      |
      | 2024-12-31 | 未了结 | 2025-01-01 | hedong-safety.expert-pool |

    例子:
      | 部门类别     |
      | 区级部门     |
      | 商务局       |
      | 应急管理部门 |
      | 消防救援     |
      | 卫生健康     |
      | 文化旅游     |
      | 住房城乡建设 |

  场景大纲: 各部门共同的期限，当天都不迟
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 区级部门 | 120102       |
    而且 "<事项>" 的记录有 <期限>
    当 截至 2025-01-10 判定
    那么 "<义务>" 的义务恰为
      | 期间   | 结论   | 到期   | 完成日期 |
      | <期限> | 已履行 | <期限> | <期限>   |

    例子:
      | 义务                 | 事项                       | 期限       |
      | mobilisation         | 动员部署                   | 2024-03-31 |
      | implementation_plan  | 三年行动实施方案           | 2024-03-31 |
      | staff_training_rules | 从业人员教育培训规定要求   | 2024-12-31 |
      | enforcement_systems  | 执法统计考评和案例报送制度 | 2024-12-31 |
      | expert_pool          | 安全生产专家库             | 2024-12-31 |

  场景大纲: 街道没有部门的任务
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 街道     | 120102       |
    当 截至 2025-01-10 判定
    那么 没有 "<义务>" 的义务

    例子:
      | 义务                        |
      | staff_training_rules        |
      | enforcement_systems         |
      | expert_pool                 |
      | hazard_statistics_mechanism |
      | hazard_database_rules       |
      | district_mobilisation       |

  场景: 街道制定行动方案的依据只有一条
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 街道     | 120102       |
    当 截至 2024-03-20 判定
    那么 "implementation_plan" 的义务恰为
      | 期间       | 结论     | 依据                      |
      | 2024-03-31 | 即将到期 | hedong-safety.street-plan |

  场景大纲: 商务局没有应急、住建部门和安委会办公室的任务
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 120102       |
    当 截至 2026-01-10 判定
    那么 没有 "hazard_statistics_mechanism" 的义务
    而且 没有 "hazard_database_rules" 的义务
    而且 没有 "district_mobilisation" 的义务
    而且 没有 "power_monitoring_system" 的义务
    而且 没有 "monitoring_coverage" 的义务
    而且 没有 "water_and_housing_coverage" 的义务
    而且 没有 "training_institution_review" 的义务
    而且 没有 "special_operations_platform" 的义务

    例子:
      | 部门类别 |
      | 商务局   |
      | 区级部门 |

  场景: 安委会办公室没有部门和街道的任务
    假如 部门情况如下
      | 部门类别     | 行政区划代码 |
      | 安委会办公室 | 120102       |
    当 截至 2025-01-10 判定
    那么 没有 "mobilisation" 的义务
    而且 没有 "implementation_plan" 的义务
    而且 没有 "staff_training_rules" 的义务
    而且 没有 "enforcement_systems" 的义务
    而且 没有 "expert_pool" 的义务
