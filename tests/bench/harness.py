"""What the benchmarks share: programs on a core of their own, the load, and whether the machine was quiet.

A benchmark ends by itself, and ends only what it started.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
RTMP_MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")  # nginx-rtmp, as Debian has it
# A run is quiet when other processes took less than this share of the two cores.
QUIET_SERVER, QUIET_LOAD = 0.10, 0.15


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(url):
    """The body of an answer 200; nothing where it is another."""
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()
    return None


def wait_for_port(port, process, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[3]} ended with {process.returncode}: {process.log.read_text()}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nobody listens on port {port}")


class Bench:
    def __init__(self, args):
        self.args = args
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bench-"))
        self.started = []

    def program(self, name):
        path = pathlib.Path(self.args.build).resolve() / name
        if not path.exists():
            sys.exit(f"{path} is not built: ./run --build-only")
        return str(path)

    def start(self, cpu, *command, stdout=None):
        """Starts a program on a core, what it says in a file of the bench's folder."""
        log = self.folder / f"{len(os.listdir(self.folder))}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen(
                ["taskset", "-c", str(cpu), *map(str, command)], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=stdout or out, stderr=out,
            )
        process.log = log
        self.started.append(process)
        return process

    def stop(self, *processes):
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.started.remove(process)

    def close(self):
        self.stop(*list(self.started))
        shutil.rmtree(self.folder)

    @contextlib.contextmanager
    def sluice(self, options, shards=1, more=""):
        """A server on ports of its own whose streams, live/..., have these options: the process, its ports http and rtmp.
        `more` comes at the end of its config."""
        http, rtmp = free_port(), free_port()
        config = self.folder / "sluice.conf"
        config.write_text(
            f"http 127.0.0.1:{http};\nrtmp 127.0.0.1:{rtmp};\nloglevel error;\n"
            f"template live {{ prefix live; input publish://; {options} }}\n{more}\n"
        )
        server = self.start(self.args.server_cpu, self.program("sluice"), "run", "-c", config, "--shards", shards)
        try:
            wait_for_port(rtmp, server)
            yield server, http, rtmp
        finally:
            self.stop(server)

    @contextlib.contextmanager
    def published(self, http, rtmp, *options):
        """A publisher of the stream live/bench on the load's core; goes on when it can be played."""
        publisher = self.start(self.args.load_cpu, self.program("sluice-load"), "publish",
                               f"rtmp://127.0.0.1:{rtmp}/live/bench", "--seconds", 3600, *options)
        try:
            deadline = time.monotonic() + 60
            while not fetch(f"http://127.0.0.1:{http}/live/bench/media_info.json"):
                if publisher.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"no stream: {publisher.log.read_text()}")
                time.sleep(0.2)
            yield publisher
        finally:
            self.stop(publisher)

    def clip(self):
        """The clip as a file, for ffmpeg."""
        path = self.folder / "clip.flv"
        if not path.exists():
            with open(path, "wb") as out:
                subprocess.run(
                    [self.program("sluice-fake"), "--no-pace", "--width", "1280", "--height", "720", "--bitrate",
                     "2000k", "--frames", "250"],
                    stdin=subprocess.DEVNULL, stdout=out, check=True, timeout=300,
                )
        return path

    def load(self, server, *arguments, viewers=None, seconds=None, warmup=None, ramp=2):
        """Runs sluice-load against a server; its report, with the share of both cores that others took. With 0 viewers it
        only publishes."""
        viewers, seconds = self.args.viewers if viewers is None else viewers, seconds or self.args.seconds
        warmup = self.args.warmup if warmup is None else warmup
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        command = [
            "taskset", "-c", str(self.args.load_cpu), self.program("sluice-load"), *map(str, arguments),
            *(["--viewers", str(viewers)] if viewers else []), "--seconds", str(seconds), "--warmup", str(warmup),
            "--ramp", str(ramp),
            "--pid", str(server.pid), "--json", str(report),
        ]
        before, began = Busy.now(self.args, server.pid), time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + warmup + 120)
        after, took = Busy.now(self.args, server.pid), time.monotonic() - began
        if done.returncode == 1 or not report.exists():
            raise RuntimeError(f"sluice-load: {done.stderr.strip()}")
        result = json.loads(report.read_text())
        # The load's own CPU is not known outside its window; its share there stands for all of it.
        result["others_server_cpu"] = max(0.0, after.server_core - before.server_core - (after.server - before.server)) / took
        result["others_load_cpu"] = max(0.0, (after.load_core - before.load_core) / took - result["load_cpu"])
        return result


class Busy:
    """CPU seconds spent since the machine's start: by the two cores, and by the server."""

    def __init__(self, server_core, load_core, server):
        self.server_core, self.load_core, self.server = server_core, load_core, server

    @classmethod
    def now(cls, args, pid):
        tick = os.sysconf("SC_CLK_TCK")
        cores = {}
        for line in pathlib.Path("/proc/stat").read_text().splitlines():
            fields = line.split()
            if fields[0].startswith("cpu") and fields[0] != "cpu":
                user, nice, system, _, _, irq, softirq = map(int, fields[1:8])
                cores[int(fields[0][3:])] = (user + nice + system + irq + softirq) / tick
        own = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return cls(cores[args.server_cpu], cores[args.load_cpu], (int(own[11]) + int(own[12])) / tick)


def add_arguments(parser, seconds=15.0, warmup=5.0, runs=3, viewers=500):
    """The options that every benchmark has; what they mean by default."""
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="folder of the programs")
    parser.add_argument("--viewers", type=int, default=viewers)
    parser.add_argument("--runs", type=int, default=runs, help="runs of each case")
    parser.add_argument("--seconds", type=float, default=seconds, help="measured in each run")
    parser.add_argument("--warmup", type=float, default=warmup)
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--load-cpu", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path, help="file for all figures")


def is_quiet(run):
    """Whether nothing else disturbed it."""
    return run["others_server_cpu"] < QUIET_SERVER and run["others_load_cpu"] < QUIET_LOAD


def quiet(runs):
    """The quiet ones; all of them where there is none."""
    return [run for run in runs if is_quiet(run)] or runs


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def print_table(columns, rows):
    """A Markdown table."""
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
