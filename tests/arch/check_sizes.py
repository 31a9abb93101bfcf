"""Holds the ceilings on the length of files and functions (CONTRIBUTING.md)."""

import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SOURCE_LINES, HEADER_LINES, TEST_LINES, FUNCTION_LINES = 500, 200, 600, 80
# File or function that may be longer, each with its reason.
EXCEPTIONS = {}


def functions(text):
    """Yields (first line, length) of every body that starts in column 0 or 2 and ends with a brace there."""
    start, indent = None, ""
    for number, line in enumerate(text.splitlines(), 1):
        opening = re.match(r"^( {0,2})(?!namespace|class|struct|enum|extern|\}|#|//)\S.*[)\w&>]\s*\{$", line)
        if start is None and opening and "(" in line:
            start, indent = number, opening.group(1)
        elif start is not None and line == indent + "}":
            yield start, number - start + 1
            start = None


class Sizes(unittest.TestCase):
    def files(self, pattern, *rooms):
        return [p for room in rooms for p in (SOURCE / room).rglob(pattern)]

    def over(self, files, ceiling):
        return [f"{p.relative_to(SOURCE)} has {n} lines, ceiling {ceiling}"
                for p in files if (n := len(p.read_text().splitlines())) > ceiling and str(p.relative_to(SOURCE)) not in EXCEPTIONS]

    def test_files_stay_short(self):
        rooms = ("manifests", "wasm", "oci", "cli")
        found = self.over(self.files("*.cpp", *rooms), SOURCE_LINES)
        found += self.over(self.files("*.hpp", *rooms), HEADER_LINES)
        found += self.over(self.files("*.cpp", "tests") + self.files("*.py", "tests"), TEST_LINES)
        self.assertEqual(found, [], "\n".join(found))

    def test_functions_stay_short(self):
        found = [f"{p.relative_to(SOURCE)}:{start} is a function of {length} lines, ceiling {FUNCTION_LINES}"
                 for p in self.files("*.cpp", "manifests", "wasm", "oci", "cli")
                 for start, length in functions(p.read_text()) if length > FUNCTION_LINES
                 and f"{p.relative_to(SOURCE)}:{start}" not in EXCEPTIONS]
        self.assertEqual(found, [], "\n".join(found))

    def test_a_long_function_is_seen(self):
        text = "int f(int a) {\n" + "  ++a;\n" * 90 + "}\n"
        self.assertEqual(list(functions(text)), [(1, 92)])


if __name__ == "__main__":
    sys.exit(unittest.main())
