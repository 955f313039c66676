"""What check_alerts.py finds."""
import unittest

from check_alerts import problems

RULES = "      - alert: ProbesweepA\n"
TESTS = """      - alertname: ProbesweepA
        eval_time: 1m
        exp_alerts:
          - exp_labels: {}
      - alertname: ProbesweepA
        eval_time: 1m
        exp_alerts: []
"""
MANUAL = "### ProbesweepA\n\nDo this.\n\n## Next\n"
PROMETHEUS = "rule_files: [rules.yml]\n"


class CheckAlertsTest(unittest.TestCase):
    def expect(self, part, **texts):
        given = {"rules": RULES, "tests": TESTS, "manual": MANUAL, "prometheus": PROMETHEUS, **texts}
        found = list(problems(**given))
        if part is None:
            self.assertEqual(found, [])
        else:
            self.assertEqual(len(found), 1, found)
            self.assertIn(part, found[0])

    def test_complete_files_are_fine(self):
        self.expect(None)

    def test_an_alert_that_is_never_seen_to_fire(self):
        self.expect("in which ProbesweepA fires", tests=TESTS[TESTS.rindex("      - alertname"):])

    def test_an_alert_that_is_never_seen_not_to_fire(self):
        self.expect("does not fire", tests=TESTS[:TESTS.rindex("      - alertname")])

    def test_an_alert_without_a_word_on_what_to_do(self):
        self.expect("what to do about ProbesweepA", manual="### ProbesweepA\n\n### Other\n\ntext\n")

    def test_an_explanation_of_no_alert(self):
        self.expect("ProbesweepB is no alert", manual=MANUAL + "### ProbesweepB\n\ntext\n")

    def test_rules_without_alerts(self):
        self.expect("no alerts", rules="", tests="", manual="")

    def test_rules_that_are_not_loaded(self):
        self.expect("does not load", prometheus="# rule_files: [rules.yml]\n")


if __name__ == "__main__":
    unittest.main()
