"""Data files that belong to an artifact: restored by pull, mounted by run, brought along by copy."""

import os
import shutil
import tarfile
import unittest

from support.layout import OCI, Layout, digest, tar
from support.program import DavitTest
from support.registry import Registry

FILES = "application/vnd.davit.files.v1+tar"
CAPABILITIES = "application/vnd.davit.capabilities.v1+json"
READ = ('#include <stdio.h>\nint main(void) { char text[32] = ""; FILE* in = fopen("/data/sub/table.txt", "r");\n'
        '  if (in == NULL || fgets(text, sizeof text, in) == NULL) return 1; puts(text);\n'
        '  puts(fopen("/data/sub/new.txt", "w") ? "wrote" : "refused"); return 0; }\n')
LAYER = tar(("data/sub/table.txt", b"hello from the files"), ("data/run.sh", b"#!/bin/sh\n"))


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


class DataFilesTest(DavitTest):
    def artifact(self, layer=LAYER, named=None, wasm=b"\0asm\1\0\0\0", folders=("/data",), tag="1", referrers=None):
        """A wasm artifact whose annotation names `named`, with one referrer for each of `referrers`."""
        layout = Layout(self.folder / "store") if not (self.folder / "store").exists() else self.layout
        self.layout = layout
        config = {"created": "1970-01-01T00:00:00Z", "architecture": "wasm", "os": "wasip1", "layerDigests": [digest(wasm)]}
        subject = layout.put({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                              "config": layout.put(config, "application/vnd.wasm.config.v0+json"),
                              "layers": [layout.put(wasm, "application/wasm", annotations={"org.opencontainers.image.title": "app.wasm"})],
                              "annotations": {"dev.davit.files": named or digest(layer)}}, OCI + "manifest.v1+json")
        layout.tag(tag, subject)
        for content in [layer] if referrers is None else referrers:
            request = {"schemaVersion": 1, "requests": {"filesystem": [{"guest": each, "access": "read"} for each in folders]}}
            layout.tag("", layout.put({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "artifactType": FILES,
                                       "config": layout.put(request, CAPABILITIES), "layers": [layout.put(content, OCI + "layer.v1.tar")],
                                       "subject": subject}, OCI + "manifest.v1+json"))
        return f"oci:store:{tag}"

    def table(self, folder):
        return (self.folder / folder / "data" / "sub" / "table.txt").read_text()

    def test_pull_restores_them_and_says_when_it_does_not(self):
        reference = self.artifact()

        said = self.succeed("pull", reference, "-o", "a.wasm").err
        self.assertIn("--files", said)
        done = self.succeed("pull", reference, "-o", "b.wasm", "--files", "out/assets", "--json").json

        self.assertEqual(done["files"], "out/assets")
        self.assertEqual(self.table("out/assets"), "hello from the files")
        self.assertTrue(os.access(self.folder / "out" / "assets" / "data" / "run.sh", os.X_OK))
        self.assertEqual(sorted(os.listdir(self.folder / "out")), ["assets"])

    def test_an_empty_folder_is_filled_and_another_is_left_alone(self):
        reference = self.artifact()
        (self.folder / "empty").mkdir()
        (self.folder / "full").mkdir()
        (self.folder / "full" / "mine").write_text("x")

        self.succeed("pull", reference, "-o", "a.wasm", "--files", "empty/")
        self.refuse(13, "pull", reference, "-o", "b.wasm", "--files", "full", saying="not an empty folder")

        self.assertEqual(self.table("empty"), "hello from the files")
        self.assertEqual(os.listdir(self.folder / "full"), ["mine"])
        self.assertFalse((self.folder / "b.wasm").exists())

    def test_others_than_the_named_ones_are_refused(self):
        reference = self.artifact(named=digest(b"others"))

        self.refuse(10, "pull", reference, "-o", "a.wasm", "--files", "out", saying="those in the store are others")
        self.refuse(10, "run", reference)

        self.assertFalse((self.folder / "out").exists())

    def test_the_named_ones_are_found_among_others(self):
        reference = self.artifact(referrers=[tar(("data/sub/table.txt", b"false")), LAYER])

        self.succeed("pull", reference, "-o", "a.wasm", "--files", "out")

        self.assertEqual(self.table("out"), "hello from the files")

    def test_missing_ones_are_said_to_be_missing(self):
        self.refuse(4, "pull", self.artifact(referrers=[]), "-o", "a.wasm", "--files", "out", saying="the store has none")
        (self.folder / "plain.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.succeed("push", "plain.wasm", "oci:plain:1")
        self.refuse(4, "pull", "oci:plain:1", "-o", "a.wasm", "--files", "out", saying="no data files")

    def test_content_that_is_not_its_digest_is_refused(self):
        reference = self.artifact()
        blob = self.folder / "store" / "blobs" / "sha256" / digest(LAYER)[7:]
        blob.write_bytes(LAYER.replace(b"hello", b"jello"))

        self.refuse(10, "pull", reference, "-o", "a.wasm", "--files", "out")

        self.assertFalse((self.folder / "out").exists())

    def test_nothing_leads_outside(self):
        cases = {
            "symbolic": tar(special("data", tarfile.SYMTYPE, "/tmp"), ("data/x", b"x")),
            "hard": tar(special("data", tarfile.LNKTYPE, "../../etc/passwd")),
            "device": tar(special("data", tarfile.CHRTYPE)),
            "parent": tar(("../outside", b"x")),
            "absolute": tar(("/tmp/outside", b"x")),
            "twice": tar(("data/x", b"x"), ("data/x", b"y")),
            "file-as-folder": tar(("data", b"x"), ("data/x", b"y")),
        }
        for name, layer in cases.items():
            outcome = self.run_davit("pull", self.artifact(layer=layer, tag=name), "-o", "a.wasm", "--files", f"out-{name}")
            self.assertNotEqual(outcome.status, 0, name)
            self.assertIn("error", outcome.err)
            self.assertFalse((self.folder / f"out-{name}").exists(), name)
        self.assertEqual([each for each in os.listdir(self.folder) if each.startswith((".davit", "outside"))], [])

    def test_copy_brings_them_along(self):
        registry = Registry(self)
        remote = f"127.0.0.1:{registry.port}/team/app:1"
        self.succeed("copy", self.artifact(), remote, "--recursive")
        self.succeed("copy", remote, "oci-archive:a.tar:1", "--recursive")

        for number, source in enumerate((remote, "oci-archive:a.tar:1")):
            self.succeed("pull", source, "-o", f"{number}.wasm", "--files", f"out{number}")
            self.assertEqual(self.table(f"out{number}"), "hello from the files")

    def test_an_images_files_go_to_the_artifact_and_back(self):
        image = {"Entrypoint": ["/app.wasm"]}
        self.layout = Layout(self.folder / "images")
        self.layout.tag("1", self.layout.file_system([[("app.wasm", b"\0asm\1\0\0\0"), ("data/sub/table.txt", b"hello from the files")]], image, "wasi/wasm"))

        self.succeed("convert", "oci:images:1", "oci:there:1", "--format", "wasm")
        self.succeed("pull", "oci:there:1", "-o", "a.wasm", "--files", "out")
        self.succeed("convert", "oci:there:1", "oci:back:1", "--format", "image")
        self.succeed("convert", "oci:back:1", "oci:again:1", "--format", "wasm")

        self.assertEqual(self.table("out"), "hello from the files")
        self.assertEqual(self.succeed("resolve", "oci:again:1").out, self.succeed("resolve", "oci:there:1").out)

    @unittest.skipUnless(shutil.which("node") or shutil.which("wasmtime"), "no runtime is installed")
    def test_run_gives_them_for_reading_only(self):
        (self.folder / "read.c").write_text(READ)
        self.succeed("build", "read.c", "-o", "read.wasm")
        reference = self.artifact(wasm=(self.folder / "read.wasm").read_bytes())
        runtimes = [name for name in ("wasmtime", "node") if shutil.which(name)]

        for runtime in runtimes:
            outcome = self.run_davit("run", reference, "--runtime", runtime)
            if outcome.status == 12:
                self.assertIn("kernel", outcome.err)
                continue
            self.assertEqual((outcome.status, outcome.out), (0, "hello from the files\nrefused\n"), outcome.err)
        self.assertEqual(self.run_davit("run", reference, "--no-files").status, 1)

    @unittest.skipUnless(shutil.which("node") or shutil.which("wasmtime"), "no runtime is installed")
    def test_run_gives_those_inside_an_image_too(self):
        (self.folder / "read.c").write_text(READ)
        self.succeed("build", "read.c", "-o", "read.wasm")
        members = [("app.wasm", (self.folder / "read.wasm").read_bytes()), ("data/sub/table.txt", b"hello from the files")]
        layout = Layout(self.folder / "images")
        layout.tag("1", layout.file_system([members], {"Entrypoint": ["/app.wasm"]}, "wasi/wasm"))
        self.succeed("convert", "oci:images:1", "oci:images:spin", "--format", "spin")

        for tag in ("1", "spin"):
            for runtime in [name for name in ("wasmtime", "node") if shutil.which(name)]:
                outcome = self.run_davit("run", f"oci:images:{tag}", "--runtime", runtime)
                if outcome.status == 12:
                    self.assertIn("kernel", outcome.err)
                    continue
                self.assertEqual((outcome.status, outcome.out), (0, "hello from the files\nrefused\n"), outcome.err)
            self.assertEqual(self.run_davit("run", f"oci:images:{tag}", "--no-files").status, 1)

    @unittest.skipUnless(shutil.which("node") or shutil.which("wasmtime"), "no runtime is installed")
    def test_run_refuses_folders_that_are_not_among_the_files(self):
        self.refuse(10, "run", self.artifact(folders=["/etc"]), saying="/etc")
        self.refuse(10, "run", self.artifact(folders=["/../etc"], tag="2"), saying="among them")


if __name__ == "__main__":
    unittest.main()
