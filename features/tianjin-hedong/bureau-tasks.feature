# language: zh-CN
功能: 区商务局的动员部署、集中培训和市商务局的督导
  河东区商务局方案 三（一）：3月底前，按照实施方案进行动员部署；二（六）13：2024年餐饮燃气、2025年成品油流通、2026年大型商业综合体
  集中培训；四（二）：市商务局会至少每半年对区商务局工作开展情况进行1次督导。

  背景:
    假如 规则包 "tianjin-hedong/commerce"、"national/statutes"

  场景大纲: 2024年3月底前动员部署
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 商务局   | 120102       |
    而且 "动员部署" 的台账自 2024-01-01 起齐全
    而且 "动员部署" 的记录有 <日期>
    当 截至 2024-04-10 判定
    那么 "mobilisation" 的义务恰为
      | 期间       | 结论   | 到期       | 完成日期   | 依据                         |
      | 2024-03-31 | <结论> | 2024-03-31 | <完成日期> | hedong-commerce.mobilisation |

    例子:
      | 日期       | 结论   | 完成日期   |
      | 2024-03-31 | 已履行 | 2024-03-31 |
      | 2024-03-12 | 已履行 | 2024-03-12 |
      | 2024-04-01 | 已补做 |            |

  场景大纲: 当年的集中培训，当年第一天到最后一天都算
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 商务局   | 120102       |
    而且 "<事项>" 的台账自 2023-01-01 起齐全
    而且 "<事项>" 的记录有 <日期>
    当 截至 2027-01-10 判定
    那么 "<义务>" 的义务恰为
      | 期间   | 结论   | 到期   | 完成日期   | 依据   |
      | <年底> | <结论> | <年底> | <完成日期> | <依据> |

    例子:
      | 义务                            | 事项                           | 日期       | 年底       | 结论   | 完成日期   | 依据                                |
      | focus_training_catering_gas     | 餐饮燃气安全集中培训           | 2024-01-01 | 2024-12-31 | 已履行 | 2024-01-01 | hedong-commerce.focus-training-2024 |
      | focus_training_catering_gas     | 餐饮燃气安全集中培训           | 2024-12-31 | 2024-12-31 | 已履行 | 2024-12-31 | hedong-commerce.focus-training-2024 |
      | focus_training_catering_gas     | 餐饮燃气安全集中培训           | 2023-12-31 | 2024-12-31 | 违规   |            | hedong-commerce.focus-training-2024 |
      | focus_training_catering_gas     | 餐饮燃气安全集中培训           | 2025-01-01 | 2024-12-31 | 已补做 |            | hedong-commerce.focus-training-2024 |
      | focus_training_fuel_retail      | 成品油流通集中培训             | 2025-01-01 | 2025-12-31 | 已履行 | 2025-01-01 | hedong-commerce.focus-training-2025 |
      | focus_training_fuel_retail      | 成品油流通集中培训             | 2025-12-31 | 2025-12-31 | 已履行 | 2025-12-31 | hedong-commerce.focus-training-2025 |
      | focus_training_fuel_retail      | 成品油流通集中培训             | 2024-12-31 | 2025-12-31 | 违规   |            | hedong-commerce.focus-training-2025 |
      | focus_training_fuel_retail      | 成品油流通集中培训             | 2026-01-01 | 2025-12-31 | 已补做 |            | hedong-commerce.focus-training-2025 |
      | focus_training_shopping_complex | 大型商业综合体消防安全集中培训 | 2026-01-01 | 2026-12-31 | 已履行 | 2026-01-01 | hedong-commerce.focus-training-2026 |
      | focus_training_shopping_complex | 大型商业综合体消防安全集中培训 | 2026-12-31 | 2026-12-31 | 已履行 | 2026-12-31 | hedong-commerce.focus-training-2026 |
      | focus_training_shopping_complex | 大型商业综合体消防安全集中培训 | 2025-12-31 | 2026-12-31 | 违规   |            | hedong-commerce.focus-training-2026 |
      | focus_training_shopping_complex | 大型商业综合体消防安全集中培训 | 2027-01-01 | 2026-12-31 | 已补做 |            | hedong-commerce.focus-training-2026 |

  场景大纲: 当年才列出当年的培训
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 商务局   | 120102       |
    当 截至 <前一日> 判定
    那么 没有 "<义务>" 的义务
    当 截至 <第一天> 判定
    那么 "<义务>" 的义务恰为
      | 期间   | 结论   |
      | <年底> | 未到期 |

    例子:
      | 义务                            | 前一日     | 第一天     | 年底       |
      | focus_training_catering_gas     | 2024-03-10 | 2024-03-11 | 2024-12-31 |
      | focus_training_fuel_retail      | 2024-12-31 | 2025-01-01 | 2025-12-31 |
      | focus_training_shopping_complex | 2025-12-31 | 2026-01-01 | 2026-12-31 |

  场景: 别的部门不承担大型商业综合体培训
    假如 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 区级部门 | 120102       |
    当 截至 2026-06-01 判定
    那么 没有 "focus_training_shopping_complex" 的义务

  场景: 市商务局每半年督导一次
    假如 部门情况如下
      | 部门名称     | 部门类别     | 行政区划代码 |
      | 天津市商务局 | 上级主管部门 | 120000       |
    而且 "上级督导" 的台账自 2024-01-01 起齐全
    而且 "上级督导" 的记录有 2024-06-30、2024-07-01
    当 截至 2025-07-01 判定
    那么 "superior_supervision" 的义务恰为
      | 期间   | 结论   | 到期       | 应做 | 已做 | 完成日期   | 依据                                 |
      | 2024H1 | 已履行 | 2024-06-30 | 1    | 1    | 2024-06-30 | hedong-commerce.superior-supervision |
      | 2024H2 | 已履行 | 2024-12-31 | 1    | 1    | 2024-07-01 | hedong-commerce.superior-supervision |
      | 2025H1 | 违规   | 2025-06-30 | 1    | 0    |            | hedong-commerce.superior-supervision |
      | 2025H2 | 未到期 | 2025-12-31 | 1    | 0    |            | hedong-commerce.superior-supervision |

  场景大纲: 督导只问天津市的上级主管部门
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | <区划>       |
    当 截至 2025-01-01 判定
    那么 没有 "superior_supervision" 的义务

    例子:
      | 部门类别     | 区划   |
      | 商务局       | 120102 |
      | 商务局       | 120000 |
      | 上级主管部门 | 130000 |
      | 上级主管部门 | 110000 |
