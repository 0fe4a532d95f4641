"""The checks must find what they are for: run by `python3 -m unittest discover tests/scripts`."""

import importlib.machinery
import importlib.util
import json
import pathlib
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"


def load(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(SCRIPTS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


check_docs = load("check-docs")
check_rooms = load("check-rooms")
count_tests = load("count-tests")


class OrderOfRooms(unittest.TestCase):
    def includes(self, file, header):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / file
            path.parent.mkdir(parents=True)
            path.write_text(f'#pragma once\n  #  include "{header}"\n#include <vector>\n')
            return not list(check_rooms.broken_rules(pathlib.Path(folder), path))

    def test_a_room_knows_itself_and_earlier_rooms(self):
        self.assertTrue(self.includes("stream/a.cpp", "stream/b.hpp"))
        self.assertTrue(self.includes("stream/a.cpp", "format/mp4/b.hpp"))
        self.assertTrue(self.includes("format/flv/a.cpp", "media/b.hpp"))
        self.assertTrue(self.includes("app/a.cpp", "protocol/rtmp/b.hpp"))

    def test_a_room_knows_no_later_room(self):
        self.assertFalse(self.includes("core/a.cpp", "media/b.hpp"))
        self.assertFalse(self.includes("format/flv/a.cpp", "net/b.hpp"))
        self.assertFalse(self.includes("stream/a.hpp", "protocol/b.hpp"))

    def test_siblings_do_not_know_each_other(self):
        self.assertFalse(self.includes("protocol/rtmp/a.cpp", "protocol/hls/b.hpp"))
        self.assertFalse(self.includes("format/mp4/a.cpp", "format/flv/b.hpp"))
        self.assertTrue(self.includes("format/flv/a.cpp", "format/amf/b.hpp"))
        self.assertFalse(self.includes("format/amf/a.cpp", "format/flv/b.hpp"))

    def test_what_protocols_share_knows_none_of_them(self):
        self.assertTrue(self.includes("protocol/hls/a.cpp", "protocol/b.hpp"))
        self.assertFalse(self.includes("protocol/a.cpp", "protocol/hls/b.hpp"))

    def test_protocols_do_not_know_where_a_window_comes_from(self):
        self.assertFalse(self.includes("protocol/hls/a.cpp", "archive/b.hpp"))
        self.assertFalse(self.includes("protocol/hls/a.cpp", "vod/b.hpp"))
        self.assertFalse(self.includes("protocol/hls/a.cpp", "cluster/b.hpp"))

    def test_headers_are_named_from_src_on(self):
        self.assertFalse(self.includes("core/a.cpp", "b.hpp"))
        self.assertFalse(self.includes("somewhere/a.cpp", "core/b.hpp"))


class Pages(unittest.TestCase):
    def test_a_directive_stands_in_the_reference(self):
        known = check_docs.directives("| directive | value |\n| `title` | `TEXT` |\n| `url` | `input` |\n")
        self.assertEqual(list(check_docs.unknown_directives("`title x;`, `url a;`, `title`, a `word`", known)), [])
        self.assertEqual(list(check_docs.unknown_directives("`titel x;`", known)), ["no directive is called titel"])

    def test_an_address_ends_as_the_source_says(self):
        known = {"index.m3u8", "mpegts", ".flv", "streams"}
        good = "`/NAME/index.m3u8`, `/NAME.flv`, http://HOST:8080/live/a/mpegts?x=1, http://localhost/, /streamer/api/v3/streams"
        self.assertEqual(list(check_docs.unknown_addresses(good, known)), [])
        bad = ["/NAME/other.m3u8", "http://localhost:8080/a/b/ts", "/NAME.mkv", "/streamer/api/v3/sessions"]
        for address in bad:
            self.assertEqual(len(list(check_docs.unknown_addresses(f"`{address}`", known))), 1, address)

    def test_an_option_is_one_of_the_program(self):
        options = {"sluice": {"-c", "--shards"}, "sluice-load": {"--viewers"}}.get
        block = "```sh\n{}\n```\n".format
        for good in ["build/release/sluice run -c x --shards 1 | grep -v y", "sluice-load play --viewers \\\n 5 u", "ls -x"]:
            self.assertEqual(list(check_docs.unknown_options(block(good), options)), [], good)
        bad = block("taskset -c 0 sluice run \\\n  --shard 1")
        self.assertEqual(list(check_docs.unknown_options(bad, options)), ["sluice has no --shard"])


class Counting(unittest.TestCase):
    def count(self, kind, status, log="", reports=()):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "log").write_text(log)
            for number, report in enumerate(reports):
                (path / f"{number}.json").write_text(json.dumps(report))
            return count_tests.count(kind, status, path / "log", path)

    def test_googletest(self):
        suite = {"testsuite": [{"result": "COMPLETED"}] * 9 + [{"result": "SKIPPED"}]}
        report = {"tests": 10, "failures": 2, "errors": 0, "disabled": 1, "testsuites": [suite]}
        self.assertEqual(self.count("suite", 1, reports=[report, report]), (12, 4))

    def test_nodes_runner(self):
        self.assertEqual(self.count("suite", 1, "# tests 8\n# pass 6\n# fail 1\n# cancelled 1\n"), (6, 2))
        self.assertEqual(self.count("suite", 0, "\x1b[34mℹ pass 6\x1b[39m\nℹ fail 0\n"), (6, 0))

    def test_vitest(self):
        self.assertEqual(self.count("suite", 1, " Test Files  2 passed (2)\n      Tests  1 failed | 7 passed (8)\n"), (7, 1))

    def test_fuzz_targets(self):
        self.assertEqual(self.count("suite", 1, "ok flv_fuzz Done 9 runs\nFAILED amf_fuzz\nok x_fuzz\n"), (2, 1))

    def test_a_stage_that_fails_without_a_word_has_failed(self):
        self.assertEqual(self.count("suite", 139), (0, 1))
        self.assertEqual(self.count("check", 1), (0, 1))
        self.assertEqual(self.count("build", 1), (0, 1))

    def test_a_suite_that_ran_nothing_has_failed(self):
        self.assertEqual(self.count("suite", 0), (0, 1))

    def test_builds_are_no_tests(self):
        self.assertEqual(self.count("build", 0), (0, 0))


if __name__ == "__main__":
    unittest.main()
