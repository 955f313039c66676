#!/usr/bin/env python3
"""The parts of chaos.py that decide: what goes wrong when, and what counts as different."""

import pathlib
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import schedule  # noqa: E402
import verdict  # noqa: E402
from processes import Supervised, environment_for  # noqa: E402

EXPORT = ("sweep,checkpoint,dimension,layer,accuracy\n"
          "id-1,step0,d0,0,0.5\n"
          "id-1,step0,d0,1,0.625\n"
          "id-1,step1,d0,0,0.75\n")


def differences(expected, found):
    return verdict.compare_rows("results", verdict.rows(expected), verdict.rows(found))


class VerdictTest(unittest.TestCase):
    def test_neither_ids_nor_the_order_of_rows_count(self):
        lines = EXPORT.replace("id-1", "id-2").splitlines(keepends=True)
        self.assertEqual(differences(EXPORT, "".join([lines[0], lines[3], lines[1], lines[2]])), [])

    def test_every_sabotage_is_found(self):
        for kind in ("lost-row", "doubled-row", "changed-row"):
            broken = verdict.sabotage(EXPORT, kind)
            self.assertNotEqual(broken, EXPORT)
            self.assertNotEqual(differences(EXPORT, broken), [], kind)

    def test_what_differs_is_shown(self):
        found = "\n".join(differences(EXPORT, verdict.sabotage(EXPORT, "changed-row")))
        self.assertIn("layer=0, accuracy=0.5", found)
        self.assertIn("accuracy=0.1", found)

    def test_tasks_must_all_be_there_and_done(self):
        done = {"state": "TASK_STATE_DONE"}
        self.assertEqual(verdict.check_tasks([done, done], 2), [])
        self.assertNotEqual(verdict.check_tasks([done], 2), [])
        self.assertNotEqual(verdict.check_tasks([done, {"state": "TASK_STATE_QUARANTINED"}], 2), [])

    def test_alarms_count(self):
        self.assertEqual(verdict.check_alarms({"nondeterminism_alarms": 0, "digest_conflicts": 0}), [])
        self.assertNotEqual(verdict.check_alarms({"nondeterminism_alarms": 1, "digest_conflicts": 0}), [])


class ScheduleTest(unittest.TestCase):
    COUNTS = {"kill_worker": 20, "kill_coordinator": 5, "pause_worker": 0}

    def test_a_seed_gives_the_same_again(self):
        self.assertEqual(schedule.draw(7, 300, self.COUNTS), schedule.draw(7, 300, self.COUNTS))
        self.assertNotEqual(schedule.draw(7, 300, self.COUNTS), schedule.draw(8, 300, self.COUNTS))

    def test_all_events_are_there_in_order_before_the_end(self):
        events = schedule.draw(7, 300, self.COUNTS)
        self.assertEqual([sum(event.kind == kind for event in events) for kind in self.COUNTS], [20, 5, 0])
        self.assertEqual(events, sorted(events, key=lambda event: event.at))
        self.assertTrue(all(0 < event.at < 300 for event in events))


class SupervisedTest(unittest.TestCase):
    def supervised(self, folder, *command):
        program = Supervised("p", command, environment_for(folder), folder / "log")
        self.addCleanup(program.end)
        program.supervise(0)
        return program

    def test_a_killed_program_starts_again_when_it_is_due(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.supervised(pathlib.Path(folder), "sleep", "60")
            program.kill(restart_at=5)
            program.supervise(4)
            self.assertFalse(program.alive)
            program.supervise(5)
            self.assertTrue(program.alive)
            self.assertEqual((program.starts, program.ended_by_itself), (2, []))

    def test_a_program_that_ends_by_itself_is_told_of(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.supervised(pathlib.Path(folder), "false")
            program.process.wait()
            program.supervise(1)
            self.assertEqual(program.ended_by_itself, [1])
            self.assertNotEqual(verdict.check_exits([program]), [])

    def test_a_paused_program_goes_on_when_it_is_due(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.supervised(pathlib.Path(folder), "sh", "-c", "while :; do echo; sleep 0.01; done")
            log = pathlib.Path(folder) / "log"
            program.pause(resume_at=5)
            time.sleep(0.1)
            size = log.stat().st_size
            time.sleep(0.1)
            self.assertEqual(log.stat().st_size, size)
            program.supervise(5)
            self.assertFalse(program.paused)
            give_up = time.monotonic() + 10
            while log.stat().st_size == size and time.monotonic() < give_up:
                time.sleep(0.01)
            self.assertGreater(log.stat().st_size, size)


if __name__ == "__main__":
    unittest.main()
