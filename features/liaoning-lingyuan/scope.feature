# language: zh-CN
功能: 凌源市征求意见稿管到谁
  征求意见稿未印日期，取2024年1月1日至2026年12月31日。草案没有主要负责人带队检查的频次，也没有演练的频次。

  场景大纲: 商务行业：<行业领域>
    假如 规则包 "liaoning-lingyuan/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域   | 生效日期   |
      | 211382       | <行业领域> | 2024-01-01 |
    当 截至 2024-08-01 判定
    那么 "responsibility_system" 的义务包括
      | 期间       | 结论   | 依据                                    |
      | 2025-12-31 | 未到期 | lingyuan-commerce.responsibility-system |

    例子:
      | 行业领域           |
      | 餐饮               |
      | 成品油流通         |
      | 报废机动车回收拆解 |
      | 再生资源回收       |
      | 大型商业综合体     |
      | 商场               |
      | 菜市场             |
      | 宾馆酒店           |
      | 零售               |
      | 批发               |
      | 家庭服务           |
      | 展览               |

  场景大纲: 不归商务局方案管：<区划> <行业领域>
    假如 规则包 "liaoning-lingyuan/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域   | 限上 | 生效日期   |
      | <区划>       | <行业领域> | 是   | 2024-01-01 |
    当 截至 2024-08-01 判定
    那么 没有 "responsibility_system" 的义务

    例子:
      | 区划   | 行业领域   |
      | 211382 | 机械制造   |
      | 211382 | 旅游景区   |
      | 211382 | 危险化学品 |
      | 211381 | 餐饮       |
      | 211383 | 餐饮       |
      | 211300 | 餐饮       |
      | 210000 | 餐饮       |

  场景: 草案没有带队检查、疏散逃生演练和自查清单的期限，应急预案演练只凭应急条例
    假如 规则包 "liaoning-lingyuan/commerce"、"tianjin-hedong/commerce"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 高危 | 生效日期   |
      | 211382       | 商场     | 是   | 2024-01-01 |
    而且 台账自 2024-01-01 起齐全
    当 截至 2025-02-01 判定
    那么 没有 "leadership_inspection" 的义务
    而且 没有 "evacuation_drill" 的义务
    而且 "emergency_plan_drill" 的义务包括
      | 期间   | 结论 | 依据                          |
      | 2024H1 | 违规 | statutes.emergency-plan-drill |

  场景: 隐患只凭安全生产法
    假如 规则包 "liaoning-lingyuan/commerce"、"tianjin-hedong/safety-committee"、"national/statutes"
    而且 企业情况如下
      | 行政区划代码 | 行业领域 | 生效日期   |
      | 211382       | 商场     | 2023-01-01 |
    而且 隐患如下
      | 隐患编号 | 等级 | 发现日期   | 整改期限   |
      | YH-1     | 重大 | 2023-08-06 | 2025-06-30 |
    当 截至 2025-02-01 判定
    那么 "hazard_rectification" 的义务恰为
      | 期间 | 结论   | 到期       | 依据                          |
      | YH-1 | 未到期 | 2025-06-30 | statutes.hazard-rectification |
