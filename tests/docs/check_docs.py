"""Every option stands in help, in the man page and in the three completions; the committed completions are fresh;
README names only what the program has."""

import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from support.program import SOURCE, program

COMPLETIONS = {"bash": "davit.bash", "zsh": "_davit", "fish": "davit.fish"}


def davit(*words):
    return subprocess.run([program(), *words], capture_output=True, text=True, check=True).stdout


def pages():
    return davit("__manpage", "--list").split()


def command_words(page):
    """`davit-caps-derive` names the command `caps derive`."""
    return page.removeprefix("davit-").split("-")


def options_of(help_text):
    """The option words in the left column of a help text."""
    found = set()
    for line in help_text.splitlines():
        if re.match(r"^  -", line):
            left = re.split(r"\s{2,}", line.strip())[0]
            found.update(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", left))
    return found


class Documents(unittest.TestCase):
    def test_committed_completions_are_fresh(self):
        for shell, name in COMPLETIONS.items():
            committed = (SOURCE / "completions" / name).read_text()
            self.assertEqual(committed, davit("completion", shell), f"run: davit completion {shell} > completions/{name}")

    def test_every_option_is_in_man_page_and_completions(self):
        scripts = {shell: davit("completion", shell) for shell in COMPLETIONS}
        count = 0
        for page in pages():
            if page == "davit":
                continue
            help_text = davit(*command_words(page), "--help")
            man = re.sub(r"\\f[BIR]", "", davit("__manpage", page)).replace("\\-", "-")
            for option in options_of(help_text):
                count += 1
                self.assertRegex(man, rf"(^|[^\w-]){re.escape(option)}\b", f"{option} is not in {page}.1")
                self.assertIn(option, scripts["bash"], f"{option} of {page}")
                self.assertIn(option, scripts["zsh"], f"{option} of {page}")
                word = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
                self.assertIn(word, scripts["fish"], f"{option} of {page}")
        self.assertGreater(count, 20)

    def test_bash_accepts_its_completion(self):
        subprocess.run(["bash", "-n", str(SOURCE / "completions" / "davit.bash")], check=True)

    def test_man_pages_have_their_parts(self):
        for page in pages():
            text = davit("__manpage", page)
            for part in (".TH", ".SH NAME", ".SH SYNOPSIS", ".SH EXIT STATUS"):
                self.assertIn(part, text, page)

    def test_readme_names_only_commands_and_options_that_exist(self):
        readme = (SOURCE / "README.md").read_text()
        known = {" ".join(command_words(page)) for page in pages()}
        for line in re.findall(r"^\$ davit ([^\n]*)", readme, re.MULTILINE):
            words = line.split()
            name = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
            if name.startswith("--"):
                continue
            self.assertIn(name, known, f"README: davit {line}")
            have = options_of(davit(*name.split(), "--help"))
            before_dashes = line.split(" -- ")[0].split("|")[0]
            for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", before_dashes):
                self.assertIn(option, have, f"README: davit {line}")


if __name__ == "__main__":
    sys.exit(unittest.main())
