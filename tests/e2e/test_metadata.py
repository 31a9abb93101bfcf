"""metadata: shown with everything nested, set and removed in the outermost binary, carried into annotations by push."""

import json
import shutil
import subprocess
import unittest

from support.program import DavitTest
from support.wasm import COMPONENT, custom, module, section

KEYS = ["authors", "description", "licenses", "source", "homepage", "revision", "version"]
VALUES = {
    "name": "greeter",
    "authors": "A. Person <a@example.com>",
    "description": "says hello, \u00e4lso twice",
    "licenses": "Apache-2.0 WITH LLVM-exception OR MIT",
    "source": "https://example.com/source",
    "homepage": "https://example.com/",
    "revision": "1b2c3d",
    "version": "1.2.3",
}


def component(*sections):
    return COMPONENT + b"".join(sections)


class Metadata(DavitTest):
    def setUp(self):
        super().setUp()
        self.inner = module(300, description="the inner one")
        (self.folder / "m.wasm").write_bytes(module(300))
        (self.folder / "c.wasm").write_bytes(component(section(1, self.inner), custom(b"component-name", b"\0\4\3out\1\3\0\0\0"), section(4, component())))

    def words(self):
        return [word for key, value in VALUES.items() for word in (f"--{key}", value)]

    def test_every_key_is_set_shown_and_removed(self):
        for name in ("m.wasm", "c.wasm"):
            self.succeed("metadata", name, "-o", "set.wasm", *self.words())
            shown = self.succeed("metadata", "set.wasm", "--json").json
            self.assertEqual({"name": shown["name"], **shown["metadata"]}, VALUES)
            self.succeed("validate", "set.wasm")
            self.assertIn("1.2.3", self.succeed("metadata", "set.wasm").out)
            self.succeed("metadata", "set.wasm", "-o", "set.wasm", *[word for key in VALUES for word in ("--remove", key)])
            gone = self.succeed("metadata", "set.wasm", "--json").json
            self.assertEqual(gone["metadata"], {})
            self.assertNotIn("name", gone)

    def test_removing_what_was_set_gives_the_old_bytes(self):
        before = (self.folder / "m.wasm").read_bytes()
        self.succeed("metadata", "m.wasm", "-o", "a.wasm", "--set", "version=2", "--set", "name=x")
        self.succeed("metadata", "a.wasm", "-o", "b.wasm", "--remove", "version", "--remove", "name")
        self.assertEqual((self.folder / "b.wasm").read_bytes(), before)

    def test_only_the_outermost_is_changed_and_other_names_stay(self):
        self.succeed("metadata", "c.wasm", "-o", "c2.wasm", "--name", "new", "--description", "outer")
        made = (self.folder / "c2.wasm").read_bytes()
        self.assertIn(self.inner, made)
        self.assertIn(b"component-name\0\4\3new\1\3\0\0\0", made)
        shown = self.succeed("metadata", "c2.wasm", "--json").json
        self.assertEqual(shown["nested"][0]["metadata"]["description"], "the inner one")
        self.assertEqual([entry["kind"] for entry in shown["nested"]], ["module", "component"])

    def test_what_is_wrong_is_named_and_nothing_is_written(self):
        for words, saying in [
            (["--licenses", "NOPE"], "no SPDX licence expression"),
            (["--source", "example"], "not a URL"),
            (["--homepage", "https://"], "not a URL"),
            (["--set", "colour=red"], '"colour" is not a metadata key'),
            (["--set", "version"], "not KEY=VALUE"),
            (["--remove", "size"], '"size" is not a metadata key'),
            (["--version", ""], "is empty"),
            (["--version", "1", "--set", "version=2"], "given 2 times"),
            ([], "nothing to change"),
        ]:
            self.refuse(2, "metadata", "m.wasm", "-o", "x.wasm", *words, saying=saying)
        self.refuse(2, "metadata", "m.wasm", "--version", "1", saying="where the result goes")
        self.refuse(4, "metadata", "absent.wasm")
        self.refuse(9, "metadata", "m.wasm", "-o", "x.wasm", "--set", "name=" + "n" * 110_000)
        self.assertFalse((self.folder / "x.wasm").exists())

    def test_broken_files_are_refused_at_every_cut(self):
        whole = (self.folder / "c.wasm").read_bytes()
        for end in range(len(whole)):
            (self.folder / "cut.wasm").write_bytes(whole[:end])
            status = self.run_davit("metadata", "cut.wasm").status
            boundary = end in (8, 8 + len(section(1, self.inner)), len(whole) - len(section(4, component())))
            self.assertEqual(status, 0 if boundary else 8, end)
        (self.folder / "names.wasm").write_bytes(component(custom(b"component-name", b"\0\x7f\3out")))
        self.refuse(8, "metadata", "names.wasm", "-o", "x.wasm", "--name", "y", saying="component-name")

    def test_push_makes_annotations_and_an_explicit_one_wins(self):
        self.succeed("metadata", "m.wasm", "-o", "set.wasm", *self.words())
        self.succeed("push", "set.wasm", "oci:store:1", "--annotation", "org.opencontainers.image.version=9")
        index = json.loads((self.folder / "store/index.json").read_text())
        digest = index["manifests"][0]["digest"].split(":")[1]
        annotations = json.loads((self.folder / "store/blobs/sha256" / digest).read_text())["annotations"]
        for key, name in [("name", "title"), ("homepage", "url"), *((key, key) for key in KEYS if key not in ("homepage", "version"))]:
            self.assertEqual(annotations[f"org.opencontainers.image.{name}"], VALUES[key])
        self.assertEqual(annotations["org.opencontainers.image.version"], "9")
        self.assertEqual(self.succeed("metadata", "oci:store:1", "--json").json["metadata"]["licenses"], VALUES["licenses"])

    def test_a_pipe(self):
        made = self.succeed("metadata", "-", "-o", "-", "--revision", "r", stdin=(self.folder / "m.wasm").read_bytes()).out_bytes
        (self.folder / "piped.wasm").write_bytes(made)
        self.assertEqual(self.succeed("metadata", "piped.wasm", "--json").json["metadata"], {"revision": "r"})


@unittest.skipUnless(shutil.which("wasm-tools"), "wasm-tools is not installed")
class BesideWasmTools(DavitTest):
    """The same metadata, written by one and read by the other."""

    def test_it_reads_what_we_write_and_we_read_what_it_writes(self):
        for name, wasm in (("module", module(100)), ("component", component(section(1, module(50))))):
            (self.folder / "in.wasm").write_bytes(wasm)
            words = [word for key, value in VALUES.items() for word in (f"--{key}", value)]
            self.succeed("metadata", "in.wasm", "-o", "ours.wasm", *words)
            shown = json.loads(subprocess.check_output(["wasm-tools", "metadata", "show", "--json", self.folder / "ours.wasm"]))[name]
            shown = shown.get("metadata", shown)
            self.assertEqual({key: shown[key] for key in VALUES}, VALUES)
            subprocess.run(["wasm-tools", "metadata", "add", self.folder / "in.wasm", "-o", self.folder / "theirs.wasm", *words], check=True)
            ours = self.succeed("metadata", "theirs.wasm", "--json").json
            self.assertEqual({"name": ours["name"], **ours["metadata"]}, VALUES)


if __name__ == "__main__":
    unittest.main()
