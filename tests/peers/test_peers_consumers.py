"""What davit converts, judged by the real tools that take it: Fastly's and Cloudflare's CLIs, podman, umoci, skopeo."""

import json
import os
import re
import shutil
import subprocess
import tarfile
import unittest

from support.program import DavitTest
from support.wasm import module


class Consumers(DavitTest):
    def setUp(self):
        super().setUp()
        (self.folder / "app.wasm").write_bytes(module(20_000))
        self.succeed("push", "app.wasm", "oci:store:1")

    def peer(self, name, *words, cwd=None):
        path = shutil.which(name)
        if path is None:
            self.skipTest(f"{name} is not installed")
        done = subprocess.run([path, *map(str, words)], cwd=cwd or self.folder, env=self.environment, capture_output=True, check=False, timeout=240)
        said = done.stdout.decode() + done.stderr.decode()
        self.assertEqual(done.returncode, 0, f"{name} {words}\n{said}")
        return said

    def convert(self, target, form, *words):
        return self.succeed("convert", "oci:store:1", target, "--format", form, "-q", *words)

    def test_fastly_accepts_the_package(self):
        self.convert("app.tar.gz", "fastly")
        self.assertIn("Validated package", self.peer("fastly", "compute", "validate", "--package", "app.tar.gz", "--non-interactive"))

    def test_wrangler_builds_what_it_would_deploy(self):
        self.convert("worker", "workers")
        said = self.peer("wrangler", "deploy", "--dry-run", "--outdir", "dist", cwd=self.folder / "worker")
        self.assertIn("--dry-run: exiting now", said)
        bundled = [path for path in (self.folder / "worker" / "dist").iterdir() if path.name.endswith("module.wasm")]
        self.assertEqual([path.read_bytes() for path in bundled], [(self.folder / "app.wasm").read_bytes()])

    def podman(self, *words):
        storage = self.folder / "containers"
        return self.peer("podman", "--root", storage / "root", "--runroot", storage / "run", "--storage-driver", "vfs", *words)

    def pulled(self, tag):
        return re.search(r"^[0-9a-f]{64}$", self.podman("pull", "-q", f"oci:{self.folder / 'images'}:{tag}"), re.MULTILINE).group()

    def test_podman_loads_and_keeps_what_it_needs_to_choose_the_runtime(self):
        if os.geteuid() != 0:
            self.skipTest("podman without root needs user namespaces")
        for form in ("image", "compat"):
            self.convert(f"docker-archive:{form}.tar:{form}:1", form)
            self.podman("load", "-i", f"{form}.tar")
            seen = json.loads(self.podman("image", "inspect", f"localhost/{form}:1"))[0]
            self.assertEqual((seen["Os"], seen["Architecture"]), ("wasi", "wasm"))
            self.assertEqual(seen["Config"]["Entrypoint"], ["/app.wasm"])
        self.convert("oci:images:compat", "compat")
        identity = self.pulled("compat")
        self.assertEqual(json.loads(self.podman("image", "inspect", identity))[0]["Annotations"]["module.wasm.image/variant"], "compat-smart")

    def test_what_podman_saves_comes_back_the_same(self):
        if os.geteuid() != 0:
            self.skipTest("podman without root needs user namespaces")
        self.convert("oci:images:1", "image", "--compression", "zstd")
        identity = self.pulled("1")
        self.podman("save", "-o", "saved.tar", "--format", "oci-archive", identity)
        self.succeed("convert", "oci-archive:saved.tar", "oci:back:1", "--format", "wasm", "-q")
        self.succeed("pull", "oci:back:1", "-o", "back.wasm", "-q")
        self.assertEqual((self.folder / "back.wasm").read_bytes(), (self.folder / "app.wasm").read_bytes())

    def test_umoci_unpacks_every_image_format(self):
        for form in ("image", "compat", "envoy-compat"):
            for compression in ("gzip",) if form == "envoy-compat" else ("none", "gzip"):
                tag = f"{form}-{compression}"
                self.convert(f"oci:images:{tag}", form, "--compression", compression)
                self.peer("umoci", "raw", "unpack", "--rootless", "--image", f"images:{tag}", tag)
                name = "plugin.wasm" if form == "envoy-compat" else "app.wasm"
                self.assertEqual((self.folder / tag / name).read_bytes(), (self.folder / "app.wasm").read_bytes())

    def test_skopeo_reads_every_artifact_and_the_docker_archive(self):
        for form in ("wasm", "image", "runwasi", "compat", "spin", "envoy", "trivy", "wasm-to-oci", "wasmcloud", "oras"):
            self.convert(f"oci:all:{form}", form)
            self.assertTrue(json.loads(self.peer("skopeo", "inspect", "--raw", f"oci:all:{form}"))["layers"])
        self.convert("docker-archive:app.tar:app:1", "image")
        self.peer("skopeo", "copy", "-q", "docker-archive:app.tar:app:1", "oci:again:1")
        with tarfile.open(self.folder / "app.tar") as tar:
            self.assertIn("manifest.json", tar.getnames())


if __name__ == "__main__":
    unittest.main()
