"""check_datasets.py finds each fault that it is there to find."""

import csv
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_datasets  # noqa: E402  (found through the line above)


def sound_rows():
    """40 groups of 8 rows; a group's own word tells the label, nothing that groups share does."""
    rows = []
    for group in range(40):
        for row in range(8):
            label = row % 2
            rows.append([f"Frame {row // 2} holds the {'no' if label else 'ay'}{group:02d}.", str(label), f"g{group}"])
    return rows


def faults_of(rows, header=("statement", "label", "group")):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "dataset.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return " | ".join(check_datasets.faults(path))


class CheckDatasetsTest(unittest.TestCase):
    def test_sound_rows_pass(self):
        self.assertEqual(faults_of(sound_rows()), "")

    def test_another_header(self):
        self.assertIn("columns", faults_of(sound_rows(), ("text", "label", "group")))

    def test_too_few_rows(self):
        self.assertIn("rows, not 300", faults_of(sound_rows()[:160]))

    def test_another_label(self):
        rows = sound_rows()
        rows[5][1] = "2"
        self.assertIn("labels are not", faults_of(rows))

    def test_repeated_statement(self):
        rows = sound_rows()
        rows[2][0] = rows[0][0]
        self.assertIn("twice there", faults_of(rows))

    def test_imbalance(self):
        rows = sound_rows()
        rows[0][1] = "1"
        found = faults_of(rows)
        self.assertIn("the first 80 %", found)
        self.assertIn("group g0 is not balanced", found)

    def test_group_across_the_cut(self):
        rows = sound_rows()
        for row in rows[256:264]:
            row[2] = "g31"
        self.assertIn("both sides", faults_of(rows))

    def test_scattered_group(self):
        rows = sound_rows()
        for row in rows[80:88]:
            row[2] = "g0"
        self.assertIn("not adjacent", faults_of(rows))

    def test_longer_when_true(self):
        rows = [[text + " Indeed, Sir!" if label == "1" else text, label, group] for text, label, group in sound_rows()]
        found = faults_of(rows)
        self.assertIn("mean length", found)
        self.assertIn("length alone", found)
        self.assertIn("capitals alone", found)
        self.assertIn("punctuation alone", found)
        self.assertIn("number of words alone", found)

    def test_word_of_one_label(self):
        rows = [[text.replace("the", "one") if label == "1" else text, label, group]
                for text, label, group in sound_rows()]
        self.assertIn("'one' is in 40 groups", faults_of(rows))


if __name__ == "__main__":
    unittest.main()
