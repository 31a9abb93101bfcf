"""The treemap page in a real browser: it draws, its boxes fill the map, and the address zooms in."""

import html.parser
import re
import shutil
import subprocess
import unittest

from support.program import DavitTest
from support.wasm import MODULE, leb, name, section

CODE = [bytes([0]) + b"\x01" * size + b"\x0b" for size in (1000, 500, 250, 40)]


class Page(html.parser.HTMLParser):
    """Boxes, crumbs and rows of the page after its script ran."""

    def __init__(self, text):
        super().__init__()
        self.boxes, self.crumbs, self.rows, self.within = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "div" and "box" in found.get("class", "").split():
            self.boxes.append({"title": found["title"], **{k: float(v) for k, v in re.findall(r"(left|top|width|height): ?([\d.]+)px", found["style"])}})
        self.within = {"button": self.crumbs, "td": self.rows}.get(tag)

    def handle_data(self, data):
        if self.within is not None:
            self.within.append(data)
            self.within = None


@unittest.skipUnless(shutil.which("chromium"), "chromium is not installed")
class Browser(DavitTest):
    def setUp(self):
        super().setUp()
        count = leb(len(CODE))
        names = b"\1" + leb(sum(2 + len(n) for n in "abcd") + 1) + count + b"".join(leb(i) + name(n) for i, n in enumerate("abcd"))
        (self.folder / "app.wasm").write_bytes(
            MODULE + section(1, b"\1\x60\0\0") + section(3, count + b"\0" * len(CODE))
            + section(10, count + b"".join(leb(len(c)) + c for c in CODE)) + section(0, name("name") + names)
        )
        self.succeed("inspect", "--size", "--size-format", "html", "-o", "size.html", "app.wasm")

    def opened(self, address=""):
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,800", "--virtual-time-budget=2000"]
        done = subprocess.run([*words, "--dump-dom", f"file://{self.folder}/size.html{address}"], capture_output=True, check=True, timeout=120,
                              env={**self.environment, "HOME": str(self.folder / "home")})
        return Page(done.stdout.decode())

    def test_it_draws_a_box_for_each_function_as_large_as_its_share(self):
        page = self.opened()
        boxes = {box["title"].split("\n")[0]: box for box in page.boxes}
        area = {n: boxes[n]["width"] * boxes[n]["height"] for n in "abc"}
        self.assertAlmostEqual(area["a"] / area["b"], 2, delta=0.1)
        self.assertAlmostEqual(area["b"] / area["c"], 2, delta=0.1)
        for inner in (boxes[n] for n in "abc"):
            self.assertLessEqual(inner["left"] + inner["width"], boxes["code"]["left"] + boxes["code"]["width"] + 1)
        self.assertIn("code", page.rows)

    def test_the_address_zooms_in(self):
        page = self.opened("#0/0")
        self.assertEqual(len(page.crumbs), 3)
        self.assertEqual({box["title"].split("\n")[0] for box in page.boxes} >= set("abc"), True)
        self.assertEqual([text for text in page.rows if text in "abcd"], ["a", "b", "c", "d"])


if __name__ == "__main__":
    unittest.main()
