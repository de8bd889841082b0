# For each rule at least one scenario in which it asks and one in which it does not, written from the document and not
# from the pack. The sentences that may be used: zhiben rules sentences
Feature: Fire check
  To be filled in: the document, the clause and its words

  Scenario: Caterers each quarter; one missed is a violation
    Given the rule packs "$file"
    And the enterprise is as follows
      | sectors  | high_risk | valid_from |
      | catering | no        | 2024-01-01 |
    And the ledger is complete from 2024-01-01 on
    And there are records of "fire_check" on 2024-02-20
    When judged as of 2024-07-01
    Then "2024Q1" of "fire_check" is fulfilled
    And "2024Q2" of "fire_check" is violated
    And "2024Q3" of "fire_check" is pending

  Scenario: The high-risk each month
    Given the rule packs "$file"
    And the enterprise is as follows
      | sectors  | high_risk | valid_from |
      | catering | yes       | 2024-01-01 |
    When judged as of 2024-02-10
    Then "2024-02" of "fire_check" is pending
    And "fire_check" does not ask for "2024Q1"

  Scenario: Other trades are not asked
    Given the rule packs "$file"
    And the enterprise is as follows
      | sectors | high_risk | valid_from |
      | hotel   | no        | 2024-01-01 |
    When judged as of 2024-07-01
    Then there are no obligations of "fire_check"
