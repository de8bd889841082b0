# language: zh-CN
功能: 几个规则包同问一个职责（SEMANTICS 第2节：合并与取代）

  场景: 同一期间：一项义务，次数取最大，依据是期间内施行过的各条规则
    假如 规则包 "packs/monthly.yaml"、"packs/monthly-twice-spring.yaml"
    而且 企业情况如下
      | 生效日期   |
      | 2024-03-01 |
    当 截至 2024-07-01 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 应做 | 依据                                               |
      | 2024-03 | 1    | monthly.fire-check                                 |
      | 2024-04 | 2    | monthly.fire-check、monthly-twice-spring.fire-check |
      | 2024-05 | 2    | monthly.fire-check、monthly-twice-spring.fire-check |
      | 2024-06 | 2    | monthly.fire-check、monthly-twice-spring.fire-check |
      | 2024-07 | 1    | monthly.fire-check                                 |

  场景: 尚未施行而期间内将施行的规则已计入
    假如 规则包 "packs/monthly.yaml"、"packs/monthly-twice-spring.yaml"
    而且 企业情况如下
      | 生效日期   |
      | 2024-04-01 |
    当 截至 2024-04-10 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 应做 |
      | 2024-04 | 2    |

  场景: 春季规则单独施行：四月只有11天、六月末日不施行，只要求五月
    假如 规则包 "packs/monthly-twice-spring.yaml"
    而且 企业情况如下
      | 生效日期   |
      | 2024-01-01 |
    当 截至 2024-07-01 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 应做 |
      | 2024-05 | 2    |

  场景: 每月1次取代每季度1次
    假如 规则包 "packs/monthly.yaml"、"packs/quarterly-1.yaml"
    而且 企业情况如下
      | 生效日期   |
      | 2024-04-01 |
    当 截至 2024-06-30 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 依据               |
      | 2024-04 | monthly.fire-check |
      | 2024-05 | monthly.fire-check |
      | 2024-06 | monthly.fire-check |

  场景: 每季度3次与每月1次一样多，以短者为严，季度被取代
    假如 规则包 "packs/monthly.yaml"、"packs/quarterly-3.yaml"
    而且 企业情况如下
      | 生效日期   |
      | 2024-04-01 |
    当 截至 2024-06-30 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 应做 |
      | 2024-04 | 1    |
      | 2024-05 | 1    |
      | 2024-06 | 1    |

  场景: 每季度4次比每月1次严，各月被季度取代
    假如 规则包 "packs/monthly.yaml"、"packs/quarterly-4.yaml"
    而且 企业情况如下
      | 生效日期   |
      | 2024-04-01 |
    当 截至 2024-06-30 判定
    那么 "fire_check" 的义务恰为
      | 期间   | 应做 |
      | 2024Q2 | 4    |

  场景: 每月的规则只施行到四月：五、六月由季度要求，季度不被取代
    假如 规则包 "packs/monthly-until-april-30.yaml"、"packs/quarterly-1.yaml"
    而且 企业情况如下
      | 生效日期   |
      | 2024-04-01 |
    当 截至 2024-06-30 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 依据                                            |
      | 2024-04 | monthly-until-april-30.fire-check               |
      | 2024Q2  | quarterly-1.fire-check                          |

  场景: 不同职责互不取代
    假如 规则包 "packs/monthly.yaml"、"packs/leadership.yaml"
    而且 企业情况如下
      | 生效日期   | 高危 |
      | 2024-04-01 | 否   |
    当 截至 2024-04-30 判定
    那么 "fire_check" 的义务恰为
      | 期间    |
      | 2024-04 |
    而且 "leadership_inspection" 的义务恰为
      | 期间   |
      | 2024Q2 |

  场景大纲: 行政区划：<规则包> 对 <区划> 的企业<适用>
    假如 规则包 "packs/<规则包>.yaml"
    而且 企业情况如下
      | 生效日期   | 行政区划代码 |
      | 2024-04-01 | <区划>       |
    当 截至 2024-04-30 判定
    那么 "fire_check" 的 "2024-04" 为即将到期

    例子:
      | 规则包          | 区划   | 适用 |
      | monthly-hedong  | 120102 | 适用 |
      | monthly-city    | 120102 | 适用 |
      | monthly-tianjin | 120102 | 适用 |
      | monthly-tianjin | 120103 | 适用 |
      | monthly-tianjin | 120000 | 适用 |
      | monthly         | 350304 | 适用 |
      | monthly         |        | 适用 |

  场景大纲: 行政区划：<规则包> 对 <区划> 的企业不适用
    假如 规则包 "packs/<规则包>.yaml"
    而且 企业情况如下
      | 生效日期   | 行政区划代码 |
      | 2024-04-01 | <区划>       |
    当 截至 2024-04-30 判定
    那么 没有 "fire_check" 的义务

    例子:
      | 规则包          | 区划   |
      | monthly-hedong  | 120103 |
      | monthly-hedong  | 120100 |
      | monthly-city    | 120225 |
      | monthly-city    | 310102 |
      | monthly-hedong  | 310102 |
      | monthly-tianjin | 310120 |
      | monthly-tianjin | 211200 |

  场景: 行业领域：有其一即适用
    假如 规则包 "packs/monthly-catering.yaml"
    而且 企业情况如下
      | 生效日期   | 行业领域     |
      | 2024-04-01 | 零售、宾馆酒店 |
    当 截至 2024-04-30 判定
    那么 "fire_check" 的义务恰为
      | 期间    |
      | 2024-04 |

  场景: 行业领域：都不在其中，不适用
    假如 规则包 "packs/monthly-catering.yaml"
    而且 企业情况如下
      | 生效日期   | 行业领域 |
      | 2024-04-01 | 零售     |
    当 截至 2024-04-30 判定
    那么 没有 "fire_check" 的义务

  场景: 只在期间末日适用的规则也计入
    假如 规则包 "packs/monthly.yaml"、"packs/monthly-twice-labor.yaml"
    而且 企业情况如下
      | 生效日期   | 劳动密集型 |
      | 2024-04-01 | 否         |
      | 2024-04-30 | 是         |
    当 截至 2024-04-30 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 应做 | 依据                                              |
      | 2024-04 | 2    | monthly.fire-check、monthly-twice-labor.fire-check |

  场景: 只在期间首日适用的规则也计入，前一天止的不计入
    假如 规则包 "packs/monthly.yaml"、"packs/monthly-twice-labor.yaml"
    而且 企业情况如下
      | 生效日期   | 劳动密集型 |
      | 2024-04-01 | 是         |
      | 2024-04-02 | 否         |
    当 截至 2024-05-01 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 应做 | 依据                                              |
      | 2024-04 | 2    | monthly.fire-check、monthly-twice-labor.fire-check |
      | 2024-05 | 1    | monthly.fire-check                                |

  场景: 两条规则同时适用的日子只数一次
    四月只有11天，两条规则都适用，仍是11天。
    假如 规则包 "packs/monthly.yaml"、"packs/monthly-high-risk.yaml"
    而且 企业情况如下
      | 生效日期   | 高危 |
      | 2024-04-20 | 是   |
    当 截至 2024-05-01 判定
    那么 "fire_check" 的义务恰为
      | 期间    | 依据                                            |
      | 2024-05 | monthly.fire-check、monthly-high-risk.fire-check |
