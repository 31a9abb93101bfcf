"""Adds up what the test programs themselves counted and closes with one line: N passed, N failed, N skipped.

    tally.py BUILD_FOLDER CTEST_STATUS
"""

import pathlib
import re
import sys


def count(pattern, text):
    return sum(int(number) for number in re.findall(pattern, text, re.MULTILINE))


def main():
    folder, status = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    text = (folder / "Testing" / "Temporary" / "LastTest.log").read_text(encoding="utf-8", errors="replace")
    passed = count(r"^\[  PASSED  \] (\d+) tests?\.", text)
    failed = count(r"^ ?(\d+) FAILED TESTS?$", text)
    skipped = count(r"^\[  SKIPPED \] (\d+) tests?", text)
    for ran, verdict in re.findall(r"^Ran (\d+) tests? in .*\n\n(.*)$", text, re.MULTILINE):
        bad = count(r"(?:failures|errors)=(\d+)", verdict)
        left_out = count(r"skipped=(\d+)", verdict)
        passed += int(ran) - bad - left_out
        failed += bad
        skipped += left_out
    programs = re.findall(r'^Test (Passed|Failed)\.|^Test (time-out)', text, re.MULTILINE)
    # A program that died before it counted is a failure of its own.
    if status != 0 and failed == 0:
        failed = 1
    for reason in sorted(set(re.findall(r"\.\.\. skipped ['\"](.*)['\"]$", text, re.MULTILINE))):
        print(f"skipped: {reason}")
    print(f"{len(programs)} test programs ran")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if status or failed or passed == 0 else 0


sys.exit(main())
