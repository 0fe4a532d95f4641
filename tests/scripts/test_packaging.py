"""What is installed beside the programs says of them what they say themselves."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/release"
PACKAGING = ROOT / "packaging"
COMMANDS = {
    "sluice": ["run", "reload", "check", "hash-password"],
    "sluice-load": ["publish", "play", "run", "check"],
    "sluice-fake": [],
}


def help_of(program, *command):
    return subprocess.run([PROGRAMS / program, *command, "--help"], capture_output=True, text=True, check=True).stdout


def options(program, *command):
    """As --help lists them: "  -c,--config TEXT"."""
    listed = re.findall(r"^  (-\S+)", help_of(program, *command), re.M)
    return {option for word in listed for option in re.sub(r"\{.*", "", word).split(",")}


def commands(program):
    return re.findall(r"^  ([a-z-]+) ", help_of(program).partition("Subcommands:")[2], re.M)


@unittest.skipUnless((PROGRAMS / "sluice").exists(), "needs ./run --build-only")
class Packaging(unittest.TestCase):
    def test_the_commands_are_those_of_this_test(self):
        for program, known in COMMANDS.items():
            self.assertEqual(sorted(commands(program)), sorted(known), program)

    def test_manual_pages_name_every_command_and_option(self):
        for program, names in COMMANDS.items():
            page = subprocess.run(
                ["man", "--warnings", "-l", PACKAGING / f"man/{program}.1"],
                capture_output=True, text=True, check=True, env={**os.environ, "MANWIDTH": "200", "LC_ALL": "C.UTF-8"},
            )
            self.assertEqual(page.stderr, "", program)
            wanted = set(names).union(options(program), *(options(program, name) for name in names))
            missing = {word for word in wanted if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", page.stdout)}
            self.assertFalse(missing, program)

    def test_the_manual_page_of_the_configuration_names_every_directive(self):
        reference = ROOT / "docs/reference/config.md"
        page = subprocess.run([ROOT / "scripts/config-man", reference], capture_output=True, text=True, check=True)
        shown = subprocess.run(
            ["man", "--warnings", "-l", "-"], input=page.stdout, capture_output=True, text=True, check=True,
            env={**os.environ, "MANWIDTH": "200", "LC_ALL": "C.UTF-8"},
        )
        self.assertEqual(shown.stderr, "")
        for name in re.findall(r"^\| `(\w+)`", reference.read_text(), re.M):
            self.assertRegex(shown.stdout, rf"(?m)^ +{name}\b")

    def completed(self, *words):
        script = f"""
            PATH={PROGRAMS}:$PATH; source {PACKAGING}/completion/sluice.bash
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sluice; printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        ran = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True)
        return set(ran.stdout.split())

    def test_bash_completes_commands_and_options(self):
        self.assertEqual(self.completed("sluice", ""), {*COMMANDS["sluice"], *options("sluice")})
        self.assertEqual(self.completed("sluice", "c"), {"check"})
        for program, names in COMMANDS.items():
            for name in names:
                self.assertEqual(self.completed(program, name, "-"), options(program, name), f"{program} {name}")
        self.assertEqual(self.completed("sluice-fake", "--no"), {"--no-pace"})

    def test_bash_leaves_files_to_the_shell(self):
        self.assertEqual(self.completed("sluice", "check", ""), set())

    @unittest.skipUnless(shutil.which("zsh"), "needs zsh")
    def test_zsh_completes_the_same(self):
        script = f"""
            path=({PROGRAMS} $path)
            compadd() {{ print -l -- $found }}
            _files() {{ print files }}
            words=("$@"); CURRENT=$#; PREFIX=$@[-1]
            complete_one() {{ source {PACKAGING}/completion/_sluice }}
            complete_one
        """
        def completed(*words):
            ran = subprocess.run(["zsh", "-f", "-c", script, "zsh", *words], capture_output=True, text=True, check=True)
            return set(ran.stdout.split())

        self.assertEqual(completed("sluice", ""), {*COMMANDS["sluice"], *options("sluice")})
        self.assertEqual(completed("sluice", "run", "-"), options("sluice", "run"))
        self.assertEqual(completed("sluice", "check", ""), {"files"})

    def test_cmake_installs_for_any_prefix(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                ["cmake", "--install", PROGRAMS, "--prefix", folder], capture_output=True, check=True,
            )
            root = pathlib.Path(folder)
            for path in ("bin/sluice", "bin/sluice-fake", "bin/sluice-load", "share/sluice/sluice.conf",
                         "share/man/man1/sluice.1", "share/man/man5/sluice.conf.5"):
                self.assertTrue((root / path).is_file(), path)
            unit = (root / "lib/systemd/system/sluice.service").read_text()
            self.assertIn(f"ExecStart={folder}/bin/sluice run ", unit)


if __name__ == "__main__":
    unittest.main()
