# Written from one sentence of the city's page "Understand Health Code Requirements for Food Establishments", under
# "Routine Health Inspections": "In general, risk 1 establishments are inspected twice per year, risk 2 establishments
# once per year, and risk 3 establishments every other year."
Feature: Canvass inspections as often as the risk asks for

  Background:
    Given the rule packs "food-inspections.yaml"

  Scenario: Risk 1, twice per year: the second inspection fulfils
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 1          | 2011-09-01 |
    And the ledger of "canvass_inspection" is complete from 2011-09-01 on
    And there are records of "canvass_inspection" on 2012-03-19, 2012-12-31
    When judged as of 2013-01-01
    Then the obligations of "canvass_inspection" are exactly
      | key  | verdict   | starts_on  | due_on     | required | done | fulfilled_on |
      | 2012 | fulfilled | 2012-01-01 | 2012-12-31 | 2        | 2    | 2012-12-31   |
      | 2013 | pending   | 2013-01-01 | 2013-12-31 | 2        | 0    |              |
    And there are no violations of "canvass_inspection"

  Scenario: Risk 1, once in the year is once too few, until the next year makes up for it
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 1          | 2011-09-01 |
    And the ledger of "canvass_inspection" is complete from 2011-09-01 on
    And there are records of "canvass_inspection" on 2012-03-19, 2013-02-10
    When judged as of 2013-02-09
    Then the violations of "canvass_inspection" are exactly
      | key  | status | due_on     | opened_on  | closed_on | overdue_days | streak |
      | 2012 | open   | 2012-12-31 | 2013-01-01 |           | 40           | 1      |
    When judged as of 2013-02-10
    Then the violations of "canvass_inspection" are exactly
      | key  | status | closed_on  | overdue_days |
      | 2012 | closed | 2013-02-10 | 41           |

  Scenario: Risk 1, two inspections on one day are one
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 1          | 2011-09-01 |
    And the ledger of "canvass_inspection" is complete from 2011-09-01 on
    And there are records of "canvass_inspection" on 2012-03-19, 2012-03-19
    When judged as of 2013-01-01
    Then "2012" of "canvass_inspection" is violated

  Scenario: Risk 2, once per year
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 2          | 2011-09-01 |
    And the ledger of "canvass_inspection" is complete from 2011-09-01 on
    And there are records of "canvass_inspection" on 2012-06-01
    When judged as of 2014-01-01
    Then the obligations of "canvass_inspection" are exactly
      | key  | verdict   | required | fulfilled_on |
      | 2012 | fulfilled | 1        | 2012-06-01   |
      | 2013 | violated  | 1        |              |
      | 2014 | pending   | 1        |              |

  Scenario: Risk 3, every other year: a year may go by without
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 3          | 2011-09-01 |
    And the ledger of "canvass_inspection" is complete from 2011-09-01 on
    And there are records of "canvass_inspection" on 2011-09-01
    When judged as of 2015-01-01
    Then the obligations of "canvass_inspection" are exactly
      | key        | verdict   | due_on     | required | fulfilled_on |
      | 2011..2012 | fulfilled | 2012-12-31 | 1        | 2011-09-01   |
      | 2013..2014 | violated  | 2014-12-31 | 1        |              |
      | 2015..2016 | pending   | 2016-12-31 | 1        |              |

  Scenario: Risk 3, and no inspection since the records begin: there may have been one earlier in these two years
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 3          | 2010-01-01 |
    And the ledger of "canvass_inspection" is complete from 2011-09-01 on
    When judged as of 2013-01-01
    Then "2011..2012" of "canvass_inspection" is unknown

  Scenario: Nothing is asked for before the records begin
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 3          | 2010-01-01 |
    When judged as of 2011-08-31
    Then there are no obligations of "canvass_inspection"
    When judged as of 2011-09-01
    Then "2011..2012" of "canvass_inspection" is pending

  Scenario: Four months of 2011 are less than half of it, so that year is not asked for
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 2          | 2010-01-01 |
    And the ledger of "canvass_inspection" is complete from 2010-01-01 on
    When judged as of 2012-01-01
    Then "canvass_inspection" does not ask for "2011"

  Scenario: From risk 1 to risk 2 with the new year, one inspection is enough
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 1          | 2011-09-01 |
      | 990000   | 2          | 2013-01-01 |
    And the ledger of "canvass_inspection" is complete from 2011-09-01 on
    And there are records of "canvass_inspection" on 2012-05-01, 2013-05-01
    When judged as of 2013-08-30
    Then the obligations of "canvass_inspection" are exactly
      | key  | verdict   | required |
      | 2012 | made_up   | 2        |
      | 2013 | fulfilled | 1        |

  Scenario: Where the risk is not known, so is what is asked
    Given the enterprise is as follows
      | division | valid_from |
      | 990000   | 2011-09-01 |
    And the ledger of "canvass_inspection" is complete from 2011-09-01 on
    When judged as of 2013-08-30
    Then the obligations of "canvass_inspection" are exactly
      | key | verdict | missing    |
      | ?   | unknown | risk_level |
    And there are no violations of "canvass_inspection"

  Scenario: The city has three levels; of others it says nothing
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 4          | 2011-09-01 |
    When judged as of 2013-08-30
    Then there are no obligations of "canvass_inspection"

  Scenario: Where nobody claims that the records are complete, none is not a violation
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 2          | 2011-09-01 |
    When judged as of 2013-08-30
    Then "2012" of "canvass_inspection" is unknown

  Scenario: Other visits are not canvass inspections
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 990000   | 2          | 2011-09-01 |
    And the ledger is complete from 2011-09-01 on
    And there are records of "fire_check" on 2012-06-01
    When judged as of 2013-08-30
    Then "2012" of "canvass_inspection" is violated

  Scenario: Elsewhere the city's sentence does not apply
    Given the enterprise is as follows
      | division | risk_level | valid_from |
      | 980000   | 1          | 2011-09-01 |
    And the ledger is complete from 2011-09-01 on
    When judged as of 2013-08-30
    Then there are no obligations of "canvass_inspection"
