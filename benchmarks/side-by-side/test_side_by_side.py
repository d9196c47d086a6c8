"""Tests of what needs no server: python3 -m unittest, in this folder."""

from __future__ import annotations

import asyncio
import json
import socket
import unittest
from unittest import mock
from xml.etree import ElementTree

import chart
import figures
import hostile
import kernel
import load
import page
import run
import servers
import stacks
from figures import Idle, Profile, Results, Round, Spread

WRK = """Running 1s test @ http://127.0.0.1:1/1k
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     5.60ms    1.20ms  37.06ms   99.00%
    Req/Sec    11.25k   614.10    12.00k    50.00%
  Latency Distribution
     50%    5.14ms
     75%    6.00ms
     90%    7.10ms
     99%  812.00us
  11148 requests in 1.00s, 12.34MB read
"""


def sample(micros: float, **other: object) -> Round:
    """Make a round without doubts."""
    values = {"jit_micros": 0.0, "rate": 1000.0, "p50": 0.001, "p99": 0.01, "resident": 2**20, "allocated": None,
              "errors": 0, "busy": 0.9, "others": 0.01, "ended": 0.0}
    return Round(micros=micros, **(values | other))


PERF = """nginx
	ffffffff81 __tcp_transmit_skb
	ffffffff81 tcp_sendmsg
	ffffffff81 do_syscall_64
	ffffffff81 main

pingora-loop-1
	ffffffff81 tcp_recvmsg
	ffffffff81 entry_SYSCALL_64_after_hwframe

pingora-loop-1
	ffffffff81 ep_poll
	ffffffff81 entry_SYSCALL_64_after_hwframe

pingora-loop-1
	ffffffff81 [unknown]

C2 CompilerThre
	ffffffff81 tcp_sendmsg

"""


class LoadTests(unittest.TestCase):
    def test_report_of_wrk_is_read(self) -> None:
        traffic = load.parse(WRK)
        self.assertEqual((traffic.requests, traffic.seconds, traffic.errors), (11148, 1.0, 0))
        self.assertAlmostEqual(traffic.p50, 0.00514)
        self.assertAlmostEqual(traffic.p99, 0.000812)

    def test_errors_of_all_kinds_are_added(self) -> None:
        more = "  Socket errors: connect 1, read 20, write 300, timeout 4000\n  Non-2xx or 3xx responses: 50000\n"
        self.assertEqual(load.parse(WRK + more).errors, 54321)

    def test_other_text_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "expected: requests"):
            load.parse("unable to connect")
        with self.assertRaisesRegex(ValueError, "expected: a number"):
            load.seconds("1.5 h")

    def test_durations_have_units(self) -> None:
        self.assertEqual([load.seconds(text) for text in ("2.00s", "1.50m", "250.00ms")], [2.0, 90.0, 0.25])


class StacksTests(unittest.TestCase):
    def test_samples_are_sorted_and_the_compiler_is_left_out(self) -> None:
        self.assertEqual(stacks.shares(PERF), dict.fromkeys(figures.PLACES, 0.25))

    def test_no_samples_are_no_shares(self) -> None:
        self.assertEqual(stacks.shares(""), {})

    def test_table_tells_time_and_share(self) -> None:
        profile = Profile(12.0, dict.fromkeys(figures.PLACES, 0.25))
        self.assertIn("| nginx | 12.0 | 3.0 (25%) |", figures.profile_table({"nginx": profile}))


class HostileTests(unittest.TestCase):
    def test_answer_4xx_and_none_refuse(self) -> None:
        for answer in (b"HTTP/1.1 400 Bad Request\r\n", b"HTTP/1.0 400 Bad request\r\n", b""):
            self.assertEqual(hostile.verdict("shape", answer), "refused")
        for answer in (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 502 Bad Gateway\r\n", b"4"):
            self.assertEqual(hostile.verdict("shape", answer), "shape served")

    def test_shapes_are_what_they_are_called(self) -> None:
        self.assertIn(b"\r\nContent-Length : ", hostile.SHAPES["space before colon"])
        self.assertLessEqual({b"Content-Length: 4", b"Transfer-Encoding: chunked"},
                             set(hostile.SHAPES["length and chunks"].split(b"\r\n")))

    def test_endless_head_has_no_end(self) -> None:
        self.assertNotIn(b"\r\n\r\n", hostile.ENDLESS)
        self.assertTrue(hostile.SMALL.endswith(b"\r\n\r\n") and hostile.BIG.endswith(b"\r\n\r\n"))

    def test_other_cases_have_no_hostile_clients(self) -> None:
        with load.beside(run.CASES["1k"], 1) as counts:
            self.assertEqual(counts, {})

    def test_clients_fail_where_nobody_listens(self) -> None:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            clients = hostile.Clients(bound.getsockname()[1])
            asyncio.run(clients.once(clients.abort))
        self.assertEqual(clients.counts, {"failed": 1})

    def test_what_does_not_end_is_given_up(self) -> None:
        async def endless() -> None:
            await asyncio.Event().wait()

        clients = hostile.Clients(1)
        with mock.patch("hostile.PATIENCE", 0.01):
            asyncio.run(clients.once(endless))
        self.assertEqual(clients.counts, {"failed": 1})


class KernelTests(unittest.TestCase):
    def test_time_is_split_among_work_compiler_and_others(self) -> None:
        before = kernel.Use({1: ("java", 1.0), 2: ("C2 CompilerThre", 5.0)}, 6.0, 100.0)
        after = kernel.Use({1: ("java", 1.5), 2: ("C2 CompilerThre", 5.2), 3: ("pingora-loop-1", 0.25)}, 8.0, 103.0)
        spent = kernel.spent(before, after)
        self.assertAlmostEqual(spent.work, 0.75)
        self.assertAlmostEqual(spent.jit, 0.2)
        self.assertAlmostEqual(spent.others, 1.0)
        self.assertAlmostEqual(spent.ended, 2.0 - 0.95 - 3 * kernel.TICK)

    def test_core_is_busy_but_for_idle_and_waiting(self) -> None:
        text = "cpu  1 1 1 1 1 1 1 1\ncpu0 10 20 30 4000 5000 60 70 8000 0 0\ncpu1 0 0 0 9 9 0 0 9 0 0\n"
        self.assertAlmostEqual(kernel.core_busy(text, 0), 190 * kernel.TICK)
        self.assertEqual(kernel.core_busy(text, 1), 0)
        with self.assertRaisesRegex(ValueError, "core: 7"):
            kernel.core_busy(text, 7)

    def test_compilers_are_known_by_name(self) -> None:
        self.assertTrue(kernel.is_jit("C1 CompilerThre"))
        self.assertFalse(kernel.is_jit("pingora-loop-1-"))


class ServersTests(unittest.TestCase):
    def test_numbers_of_the_same_name_are_added(self) -> None:
        self.assertEqual(servers.numbers("a\t1\nb c\t2\na\t3\n"), {"a": 4, "b c": 2})

    def test_every_default_server_is_known(self) -> None:
        for name in (run.SERVERS + "," + run.WITH_FILTERS).split(","):
            self.assertIn(name, servers.KINDS)


class FiguresTests(unittest.TestCase):
    rounds = {"nginx": [sample(20.0), sample(40.0), sample(30.0)], "pingora": [sample(10.0), sample(40.0), sample(21.0)]}

    def test_ratios_are_taken_within_rounds(self) -> None:
        self.assertEqual(figures.ratio(self.rounds, "pingora", "nginx"), Spread(0.7, 0.5, 1.0))
        self.assertIsNone(figures.ratio(self.rounds, "nginx", "nginx"))
        self.assertIsNone(figures.ratio(self.rounds, "pingora", "haproxy"))

    def test_spread_of_many_rounds_is_their_middle_half(self) -> None:
        self.assertEqual(Spread.of([1.0, 2.0, 3.0, 4.0, 100.0]), Spread(3.0, 2.0, 4.0))
        self.assertIsNone(Spread.of([]))

    def test_doubts_are_counted(self) -> None:
        doubtful = sample(10.0, errors=1, busy=0.5, others=0.2, jit_micros=2.0, ended=0.1)
        self.assertEqual(doubtful.doubts(), ["errors", "waited", "noisy", "cold", "threads ended"])
        self.assertEqual(figures.doubts([doubtful, sample(1.0, others=0.5)]),
                         "errors 1/2, waited 1/2, noisy 2/2, cold 1/2, threads ended 1/2")

    def test_table_has_a_line_for_each_server(self) -> None:
        lines = figures.table(self.rounds).splitlines()
        self.assertEqual(len(lines), 4)
        self.assertIn("| 0.70 (0.50–1.00) |", lines[3])
        self.assertEqual({line.count("|") for line in lines}, {11})

    def test_table_tells_what_hostile_clients_have_counted(self) -> None:
        measured = {"nginx": [sample(1.0), sample(1.0)],
                    "haproxy": [sample(1.0, hostile={"refused": 30, "b served": 2}), sample(1.0, hostile={"refused": 1000})]}
        head, _, first, second = figures.table(measured).splitlines()
        self.assertTrue(head.endswith("| hostile clients | doubts |"))
        self.assertTrue(first.endswith("|  |  |"))
        self.assertTrue(second.endswith("| b served 2, refused 1,030 |  |"))

    def test_json_gives_the_same_again(self) -> None:
        idle = {"nginx": Idle(100, 400.0, None, None, 1)}
        cases = {"1k": self.rounds, "hostile": {"nginx": [sample(1.0, hostile={"refused": 3})]}}
        results = Results(cases, idle, {"nginx": Profile(12.0, {"sending": 1.0})})
        self.assertEqual(figures.from_json(json.loads(json.dumps(figures.to_json(results)))), results)


class PageTests(unittest.TestCase):
    facts = {"date": "2026-01-01", "kernel": "6", "processor": "p", "java": "j", "nginx": "nginx 1", "haproxy": "h",
             "wrk": "w", "jvm_flags": "-Xmx1m", "rounds": 3, "seconds": 1, "warm": 0}

    def test_block_is_replaced_and_the_rest_stays(self) -> None:
        text = f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n"
        self.assertEqual(page.replaced(text, "new\n"), f"before\n{page.BEGIN}\n\nnew\n\n{page.END}\nafter\n")
        self.assertEqual(page.replaced(page.replaced(text, "x\n"), "new\n"), page.replaced(text, "new\n"))
        with self.assertRaisesRegex(load.Failure, "no block"):
            page.replaced(page.END + page.BEGIN, "new")

    def test_results_say_where_they_are_from(self) -> None:
        results = Results({"1k": FiguresTests.rounds}, {"nginx": Idle(9, 1024.0, None, 0, 0)})
        told = {"facts": self.facts} | figures.to_json(results)
        text = page.render(told, {"1k": "One KiB"})
        self.assertIn("### One KiB", text)
        self.assertIn("Measured on 2026-01-01", text)
        self.assertIn("| nginx | 9 | 1.00 |  | 0.00 |  |", text)

    def test_page_of_the_project_has_the_block(self) -> None:
        self.assertIn("kept", page.replaced((servers.ROOT / "docs/performance.md").read_text(), "kept"))


class ChartTests(unittest.TestCase):
    def test_chart_is_well_formed_and_names_every_server(self) -> None:
        drawn = chart.draw({"1k": FiguresTests.rounds, "64k": {"haproxy": [sample(1.0)]}}, {"1k": "a < b"}, "c & d")
        root = ElementTree.fromstring(drawn)
        words = [element.text for element in root.iter() if element.tag.endswith("text")]
        for word in ("a < b", "nginx", "pingora", "0.70", "c & d"):
            self.assertIn(word, words)
        self.assertNotIn("haproxy", words)

    def test_bars_stay_in_the_picture(self) -> None:
        rounds = {"nginx": [sample(1.0)], "scg": [sample(90.0)]}
        for element in ElementTree.fromstring(chart.draw({"1k": rounds}, {}, "")).iter():
            if element.tag.endswith("rect") and element.get("x"):
                self.assertLessEqual(float(element.get("x")) + float(element.get("width")), chart.WIDTH)


class OptionsTests(unittest.TestCase):
    def test_defaults_are_nine_rounds_of_everything_but_hostile_clients(self) -> None:
        chosen = run.options([])
        self.assertEqual((chosen.rounds, chosen.idle), (9, 10000))
        self.assertEqual({*run.CASES, run.IDLE} - set(chosen.cases.split(",")), {"hostile"})


if __name__ == "__main__":
    unittest.main()
