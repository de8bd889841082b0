# language: zh-CN
功能: 区安委会方案的集中培训
  二（三）5：2024年，消防救援、卫生健康部门开展各类医疗机构消防安全负责人集中培训；2025年，应急管理部门开展金属冶炼生产经营单位主要
  负责人集中培训，消防救援、文化旅游部门开展文化娱乐、重点文物保护单位消防安全责任人集中培训；2026年，消防救援、商务部门开展大型商业
  综合体消防安全责任人集中培训。

  背景:
    假如 规则包 "tianjin-hedong/safety-committee"、"national/statutes"

  场景大纲: 当年第一天到最后一天都算，之前之后都不算
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 120102       |
    而且 "<事项>" 的台账自 2023-01-01 起齐全
    而且 "<事项>" 的记录有 <日期>
    当 截至 2027-01-10 判定
    那么 "<义务>" 的义务恰为
      | 期间   | 结论   | 到期   | 完成日期   |
      | <年底> | <结论> | <年底> | <完成日期> |

    例子: 2024年
      | 部门类别 | 义务                   | 事项                     | 日期       | 年底       | 结论   | 完成日期   |
      | 消防救援 | focus_training_medical | 医疗机构消防安全集中培训 | 2024-01-01 | 2024-12-31 | 已履行 | 2024-01-01 |
      | 卫生健康 | focus_training_medical | 医疗机构消防安全集中培训 | 2024-12-31 | 2024-12-31 | 已履行 | 2024-12-31 |
      | 消防救援 | focus_training_medical | 医疗机构消防安全集中培训 | 2023-12-31 | 2024-12-31 | 违规   |            |
      | 卫生健康 | focus_training_medical | 医疗机构消防安全集中培训 | 2025-01-01 | 2024-12-31 | 已补做 |            |

    例子: 2025年
      | 部门类别     | 义务                                 | 事项                             | 日期       | 年底       | 结论   | 完成日期   |
      | 应急管理部门 | focus_training_metal_smelting        | 金属冶炼主要负责人集中培训       | 2025-01-01 | 2025-12-31 | 已履行 | 2025-01-01 |
      | 应急管理部门 | focus_training_metal_smelting        | 金属冶炼主要负责人集中培训       | 2025-12-31 | 2025-12-31 | 已履行 | 2025-12-31 |
      | 应急管理部门 | focus_training_metal_smelting        | 金属冶炼主要负责人集中培训       | 2024-12-31 | 2025-12-31 | 违规   |            |
      | 应急管理部门 | focus_training_metal_smelting        | 金属冶炼主要负责人集中培训       | 2026-01-01 | 2025-12-31 | 已补做 |            |
      | 消防救援     | focus_training_entertainment_heritage | 文化娱乐和文物单位消防安全集中培训 | 2025-01-01 | 2025-12-31 | 已履行 | 2025-01-01 |
      | 文化旅游     | focus_training_entertainment_heritage | 文化娱乐和文物单位消防安全集中培训 | 2025-12-31 | 2025-12-31 | 已履行 | 2025-12-31 |
      | 文化旅游     | focus_training_entertainment_heritage | 文化娱乐和文物单位消防安全集中培训 | 2024-12-31 | 2025-12-31 | 违规   |            |
      | 消防救援     | focus_training_entertainment_heritage | 文化娱乐和文物单位消防安全集中培训 | 2026-01-01 | 2025-12-31 | 已补做 |            |

    例子: 2026年
      | 部门类别 | 义务                            | 事项                           | 日期       | 年底       | 结论   | 完成日期   |
      | 消防救援 | focus_training_shopping_complex | 大型商业综合体消防安全集中培训 | 2026-01-01 | 2026-12-31 | 已履行 | 2026-01-01 |
      | 商务局   | focus_training_shopping_complex | 大型商业综合体消防安全集中培训 | 2026-12-31 | 2026-12-31 | 已履行 | 2026-12-31 |
      | 商务局   | focus_training_shopping_complex | 大型商业综合体消防安全集中培训 | 2025-12-31 | 2026-12-31 | 违规   |            |
      | 消防救援 | focus_training_shopping_complex | 大型商业综合体消防安全集中培训 | 2027-01-01 | 2026-12-31 | 已补做 |            |

  场景大纲: 当年才列出当年的培训
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 120102       |
    当 截至 <前一日> 判定
    那么 没有 "<义务>" 的义务
    当 截至 <第一天> 判定
    那么 "<义务>" 的义务恰为
      | 期间   | 结论   | 依据   |
      | <年底> | 未到期 | <依据> |

    例子:
      | 部门类别     | 义务                                  | 前一日     | 第一天     | 年底       | 依据                                      |
      | 卫生健康     | focus_training_medical                | 2024-03-10 | 2024-03-11 | 2024-12-31 | hedong-safety.focus-training-2024          |
      | 应急管理部门 | focus_training_metal_smelting         | 2024-12-31 | 2025-01-01 | 2025-12-31 | hedong-safety.focus-training-2025-smelting |
      | 文化旅游     | focus_training_entertainment_heritage | 2024-12-31 | 2025-01-01 | 2025-12-31 | hedong-safety.focus-training-2025-culture  |
      | 商务局       | focus_training_shopping_complex       | 2025-12-31 | 2026-01-01 | 2026-12-31 | hedong-safety.focus-training-2026          |

  场景大纲: 没有点名的部门不承担
    假如 部门情况如下
      | 部门类别   | 行政区划代码 |
      | <部门类别> | 120102       |
    当 截至 2026-06-01 判定
    那么 没有 "<义务>" 的义务

    例子:
      | 部门类别     | 义务                                  |
      | 商务局       | focus_training_medical                |
      | 区级部门     | focus_training_medical                |
      | 文化旅游     | focus_training_medical                |
      | 商务局       | focus_training_metal_smelting         |
      | 消防救援     | focus_training_metal_smelting         |
      | 商务局       | focus_training_entertainment_heritage |
      | 卫生健康     | focus_training_entertainment_heritage |
      | 区级部门     | focus_training_shopping_complex       |
      | 应急管理部门 | focus_training_shopping_complex       |
      | 街道         | focus_training_shopping_complex       |

  场景: 2026年大型商业综合体的培训，商务局有两条依据
    假如 规则包 "tianjin-hedong/commerce"、"tianjin-hedong/safety-committee"、"national/statutes"
    而且 部门情况如下
      | 部门类别 | 行政区划代码 |
      | 商务局   | 120102       |
    而且 "动员部署" 的记录有 2024-03-25
    当 截至 2026-03-01 判定
    那么 "focus_training_shopping_complex" 的义务恰为
      | 期间       | 结论   | 依据                                                                  |
      | 2026-12-31 | 未到期 | hedong-commerce.focus-training-2026、hedong-safety.focus-training-2026 |
    而且 "mobilisation" 的义务恰为
      | 期间       | 结论   | 依据                                                    |
      | 2024-03-31 | 已履行 | hedong-commerce.mobilisation、hedong-safety.mobilisation |
