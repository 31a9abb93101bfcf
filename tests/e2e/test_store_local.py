"""Layouts and archives on disk: odd content, hostile archives, a full disk, and runs that are killed."""

import hashlib
import io
import json
import os
import random
import resource
import signal
import subprocess
import tarfile
import time
import unittest

from support.program import DavitTest, program
from support.registry import Registry
from support.wasm import module


class LocalStores(DavitTest):
    def setUp(self):
        super().setUp()
        self.wasm = self.folder / "app.wasm"
        self.wasm.write_bytes(module(2000))

    def test_standard_input_and_output(self):
        self.succeed("push", "-", "oci:store:1", stdin=self.wasm.read_bytes())
        self.assertEqual(self.succeed("pull", "oci:store:1", "-o", "-").out_bytes, self.wasm.read_bytes())

    def test_what_is_no_wasm_is_refused(self):
        (self.folder / "text").write_text("hello")
        self.refuse(8, "push", "text", "oci:store:1")
        self.assertFalse((self.folder / "store").exists())

    def test_a_capability_manifest_goes_into_the_file_and_the_annotation(self):
        (self.folder / "caps.json").write_text('{"schemaVersion":1,"requests":{"random":true,"environment":["A"]}}')
        self.succeed("push", self.wasm, "oci:store:1", "--caps", "caps.json")
        index = json.loads((self.folder / "store/index.json").read_text())
        manifest = json.loads((self.folder / "store/blobs/sha256" / index["manifests"][0]["digest"][7:]).read_text())
        self.assertEqual(manifest["annotations"]["dev.davit.capabilities"], "environment,random")
        self.succeed("pull", "oci:store:1", "-o", "out.wasm")
        self.assertIn(b"davit.capabilities", (self.folder / "out.wasm").read_bytes())

    def test_the_clock_of_the_build_can_be_set(self):
        one = self.succeed("push", self.wasm, "oci:store:1", "--json").json["digest"]
        two = self.succeed("push", self.wasm, "oci:store:2", "--json", SOURCE_DATE_EPOCH="1700000000").json["digest"]
        self.assertNotEqual(one, two)
        self.refuse(2, "push", self.wasm, "oci:store:3", SOURCE_DATE_EPOCH="yesterday")

    def test_a_blob_that_was_changed_on_disk_is_noticed(self):
        self.succeed("push", self.wasm, "oci:store:1")
        digest = hashlib.sha256(self.wasm.read_bytes()).hexdigest()
        blob = self.folder / "store/blobs/sha256" / digest
        blob.write_bytes(blob.read_bytes()[:-1] + b"x")
        self.refuse(10, "pull", "oci:store:1", "-o", "out.wasm")
        self.assertFalse((self.folder / "out.wasm").exists())

    def test_the_only_manifest_needs_no_name_even_without_a_tag(self):
        self.succeed("push", self.wasm, "oci:store:1")
        path = self.folder / "store/index.json"
        index = json.loads(path.read_text())
        del index["manifests"][0]["annotations"]
        path.write_text(json.dumps(index))
        self.assertEqual(self.succeed("pull", "oci:store", "-o", "-").out_bytes, self.wasm.read_bytes())
        index["manifests"].append(dict(index["manifests"][0], digest="sha256:" + "0" * 64))
        path.write_text(json.dumps(index))
        self.refuse(4, "pull", "oci:store", "-o", "-", saying="no tagged manifest")

    def test_a_store_that_is_not_there_is_said_to_be_missing(self):
        for name in ("oci-archive:none.tar", "oci-archive:none.tar:1", "oci:none", "oci:none:1"):
            self.refuse(4, "pull", name, "-o", "-", saying="none")
            self.refuse(4, "inspect", name, saying='there is no')

    def test_deleting_a_tag_keeps_the_manifest(self):
        digest = self.succeed("push", self.wasm, "oci:store:1", "--json").json["digest"]
        self.succeed("delete", "oci:store:1")
        self.refuse(4, "resolve", "oci:store:1")
        self.succeed("resolve", f"oci:store@{digest}")

    def test_an_archive_grows_and_keeps_what_it_had(self):
        self.succeed("push", self.wasm, "oci-archive:a.tar:1")
        self.wasm.write_bytes(module(2000, seed=2))
        self.succeed("push", self.wasm, "oci-archive:a.tar:2")
        self.assertEqual(self.succeed("tags", "oci-archive:a.tar").out.split(), ["1", "2"])
        self.succeed("pull", "oci-archive:a.tar:1", "-o", "one.wasm")
        self.succeed("delete", "oci-archive:a.tar:1")
        self.assertEqual(self.succeed("tags", "oci-archive:a.tar").out.split(), ["2"])

    def test_a_compressed_archive_is_read(self):
        self.succeed("push", self.wasm, "oci-archive:a.tar:1")
        subprocess.run(["gzip", "-k", self.folder / "a.tar"], check=True)
        self.succeed("pull", "oci-archive:a.tar.gz:1", "-o", "out.wasm")
        self.assertEqual((self.folder / "out.wasm").read_bytes(), self.wasm.read_bytes())

    def test_hostile_archives(self):
        for name in ("../out", "/etc/out", "blobs/../../out"):
            with self.subTest(name=name):
                with tarfile.open(self.folder / "bad.tar", "w") as tar:
                    entry = tarfile.TarInfo(name)
                    entry.size = 2
                    tar.addfile(entry, io.BytesIO(b"{}"))
                self.refuse(8, "pull", "oci-archive:bad.tar:1", "-o", "x.wasm", saying="leaves its root")
        (self.folder / "bad.tar").write_bytes(b"\x1f\x8b" + b"nonsense" * 40)
        self.refuse(8, "pull", "oci-archive:bad.tar:1", "-o", "x.wasm")
        (self.folder / "bad.tar").write_bytes(random.Random(1).randbytes(5000))
        self.refuse(8, "tags", "oci-archive:bad.tar")

    def test_a_bomb_is_refused(self):
        bomb = self.folder / "bomb.tar.gz"
        with tarfile.open(bomb, "w:gz", compresslevel=9) as tar:
            entry = tarfile.TarInfo("blobs/sha256/" + "0" * 64)
            entry.size = 200 << 20
            tar.addfile(entry, io.BytesIO(bytes(200 << 20)))
        started = time.monotonic()
        self.run_davit("tags", f"oci-archive:{bomb}")
        self.assertLess(time.monotonic() - started, 30)

    def test_a_full_disk_leaves_nothing_behind(self):
        self.wasm.write_bytes(module(400_000))
        self.succeed("push", self.wasm, "oci:full:0")

        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        for words in (("push", self.wasm, "oci:other:1"), ("pull", "oci:full:0", "-o", "out.wasm"), ("copy", "oci:full:0", "oci-archive:out.tar:1")):
            with self.subTest(command=words[0]):
                done = subprocess.run([program(), *map(str, words)], cwd=self.folder, env=self.environment, capture_output=True, preexec_fn=small_files, check=False)
                self.assertEqual(done.returncode, 3, done.stderr)
        self.assertFalse((self.folder / "out.wasm").exists())
        self.assertFalse((self.folder / "out.tar").exists())
        left = [p for p in self.folder.rglob("*") if p.name.startswith(".davit")]
        self.assertEqual(left, [])


class KilledRuns(DavitTest):
    """Ends runs at seeded random moments; a killed run may cost time, never content."""

    ROUNDS = 15

    def setUp(self):
        super().setUp()
        self.wasm = self.folder / "app.wasm"
        self.wasm.write_bytes(module(6_000_000))
        self.registry = Registry(self)
        self.remote = f"{self.registry.host}/app:1"
        self.random = random.Random(20)

    def kill_often(self, words, check, longest):
        killed = 0
        for _ in range(self.ROUNDS):
            process = subprocess.Popen([program(), *map(str, words)], cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(self.random.uniform(0.0, longest))
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
            process.wait()
            check()
        self.assertGreater(killed, 0)
        self.succeed(*words)
        check(complete=True)

    def duration(self, *words):
        started = time.monotonic()
        self.succeed(*words)
        return time.monotonic() - started

    def test_push_to_a_registry(self):
        longest = self.duration("push", self.wasm, f"{self.registry.host}/measure:1")

        def check(complete=False):
            outcome = self.run_davit("pull", self.remote, "-o", "-")
            self.assertIn(outcome.status, (0,) if complete else (0, 4), outcome.err)
            if outcome.status == 0:
                self.assertEqual(outcome.out_bytes, self.wasm.read_bytes())

        self.kill_often(("push", self.wasm, self.remote), check, longest)

    def test_pull_to_a_file(self):
        self.succeed("push", self.wasm, self.remote)
        target = self.folder / "out.wasm"

        def check(complete=False):
            if complete or target.exists():
                self.assertEqual(target.read_bytes(), self.wasm.read_bytes())
                target.unlink()

        self.kill_often(("pull", self.remote, "-o", target), check, self.duration("pull", self.remote, "-o", "-"))

    def test_copy_to_a_layout_and_an_archive(self):
        self.succeed("push", self.wasm, self.remote)
        longest = self.duration("copy", self.remote, "oci:measure:1")
        for target, name in (("oci:store:1", "store"), ("oci-archive:store.tar:1", "store.tar")):
            with self.subTest(target=target):

                def check(complete=False, target=target, name=name):
                    if not complete and not (self.folder / name).exists():
                        return
                    outcome = self.run_davit("pull", target, "-o", "-")
                    self.assertIn(outcome.status, (0,) if complete else (0, 4), outcome.err)
                    if outcome.status == 0:
                        self.assertEqual(outcome.out_bytes, self.wasm.read_bytes())

                self.kill_often(("copy", self.remote, target), check, longest)

    def test_parallel_writers_of_one_layout(self):
        files = []
        for i in range(6):
            path = self.folder / f"{i}.wasm"
            path.write_bytes(module(50_000, seed=i))
            files.append(path)
        running = [
            subprocess.Popen([program(), "push", str(path), f"oci:shared:t{i}"], cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL)
            for i, path in enumerate(files)
        ]
        self.assertEqual([p.wait(60) for p in running], [0] * 6)
        self.assertEqual(self.succeed("tags", "oci:shared").out.split(), [f"t{i}" for i in range(6)])
        self.assertTrue(os.path.exists(self.folder / "shared/oci-layout"))


if __name__ == "__main__":
    unittest.main()
