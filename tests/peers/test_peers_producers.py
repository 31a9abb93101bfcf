"""What real tools produce, read by davit: told apart, converted and pulled, the wasm file byte for byte."""

import shutil
import subprocess
import unittest

from support.layout import tar
from support.program import DavitTest
from support.registry import Registry
from support.wasm import module

COMPONENT = b"\0asm\x0d\0\x01\0"
LAYER = "application/vnd.module.wasm.content.layer.v1+wasm"


class Producers(DavitTest):
    def setUp(self):
        super().setUp()
        self.registry = Registry(self)
        self.wasm = module(20_000, description="made by another tool")
        (self.folder / "app.wasm").write_bytes(self.wasm)
        self.ref = f"{self.registry.host}/made/app:1"

    def peer(self, name, *words, expect=0):
        path = shutil.which(name)
        if path is None:
            self.skipTest(f"{name} is not installed")
        done = subprocess.run([path, *map(str, words)], cwd=self.folder, env=self.environment, capture_output=True, check=False, timeout=120)
        said = done.stdout.decode() + done.stderr.decode()
        if expect is not None:
            self.assertEqual(done.returncode, expect, f"{name} {words}\n{said}")
        return done.returncode, said

    def is_read(self, reference, form, wasm=None):
        """Detected as `form`, converted to one layer, and pulled out of that."""
        self.assertEqual(self.succeed("inspect", reference, "--json").json["artifact"]["format"], form)
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        self.succeed("convert", reference, "oci:out:1", "--format", "wasm")
        self.succeed("pull", "oci:out:1", "-o", "out.wasm")
        self.assertEqual((self.folder / "out.wasm").read_bytes(), wasm or self.wasm)
        self.assertTrue(self.succeed("explain", reference, "--json").json)

    def test_oras_with_its_own_types(self):
        self.peer("oras", "push", "--plain-http", self.ref, "app.wasm")
        self.is_read(self.ref, "oras")
        self.peer("oras", "push", "--plain-http", "--image-spec", "v1.0", self.ref, "app.wasm")
        self.is_read(self.ref, "oras")

    def test_oci_tar_builder(self):
        self.peer("oci-tar-builder", "--name", "app", "--repo", "localhost/made", "--tag", "1", "--module", "app.wasm", "-o", "made.tar")
        self.is_read("oci-archive:made.tar", "runwasi")

    def test_oras_with_a_platform(self):
        status, said = self.peer("oras", "push", "--plain-http", "--artifact-platform", "wasi/wasm", self.ref, "app.wasm", expect=None)
        if status != 0 and "unknown flag" in said:
            self.skipTest("this oras has no --artifact-platform")
        self.assertEqual(status, 0, said)
        self.is_read(self.ref, "oras")

    def test_oras_as_envoys_and_trivys_documents_say(self):
        (self.folder / "runtime-config.json").write_text('{"type":"envoy_proxy","abiVersions":["0.2.1"],"config":{}}')
        config = "runtime-config.json:application/vnd.module.wasm.config.v1+json"
        self.peer("oras", "push", "--plain-http", "--config", config, self.ref, config, f"app.wasm:{LAYER}")
        self.is_read(self.ref, "envoy")
        self.peer("oras", "push", "--plain-http", self.ref, f"app.wasm:{LAYER}")
        self.is_read(self.ref, "trivy")

    def test_wkg(self):
        (self.folder / "app.wasm").write_bytes(COMPONENT)
        self.peer("wkg", "oci", "push", "--insecure", self.registry.host, self.ref, "app.wasm")
        self.is_read(self.ref, "wasm", COMPONENT)

    def test_cosign_upload(self):
        self.peer("cosign", "upload", "wasm", "-f", "app.wasm", "--allow-http-registry", self.ref)
        self.is_read(self.ref, "wasm-to-oci")

    def test_crane_append(self):
        (self.folder / "layer.tar").write_bytes(tar(("app.wasm", self.wasm)))
        self.peer("crane", "append", "--insecure", "--oci-empty-base", "-f", "layer.tar", "-t", self.ref)
        self.peer("crane", "mutate", "--insecure", "--entrypoint", "/app.wasm", "--set-platform", "wasi/wasm", "-t", self.ref, self.ref)
        self.is_read(self.ref, "image")

    def test_buildah(self):
        (self.folder / "Dockerfile").write_text('FROM scratch\nCOPY app.wasm /app.wasm\nENTRYPOINT ["/app.wasm"]\n')
        store = ("--root", self.folder / "containers", "--runroot", self.folder / "run", "--storage-driver", "vfs")
        status, said = self.peer("buildah", *store, "bud", "--isolation", "chroot", "--platform", "wasi/wasm", "--annotation",
                                 "module.wasm.image/variant=compat", "-t", "app:1", ".", expect=None)
        if status != 0 and ("permission" in said or "not permitted" in said):
            self.skipTest("buildah may not work here: " + said.strip().splitlines()[-1])
        self.assertEqual(status, 0, said)
        self.peer("buildah", *store, "push", "app:1", "oci:built:1")
        self.is_read("oci:built:1", "compat")
        self.peer("buildah", *store, "push", "app:1", "docker-archive:built.tar:app:1")
        self.succeed("convert", "docker-archive:built.tar", "oci:from-archive:1", "--format", "wasm")
        self.succeed("pull", "oci:from-archive:1", "-o", "archive.wasm")
        self.assertEqual((self.folder / "archive.wasm").read_bytes(), self.wasm)

    def test_umoci_and_skopeo(self):
        for words in (("init", "--layout", "made"), ("new", "--image", "made:1"), ("insert", "--image", "made:1", "app.wasm", "/srv/app.wasm"),
                      ("config", "--image", "made:1", "--config.entrypoint", "/srv/app.wasm", "--os", "wasip1", "--architecture", "wasm")):
            self.peer("umoci", *words)
        self.is_read("oci:made:1", "image")
        self.peer("skopeo", "copy", "--dest-tls-verify=false", "oci:made:1", f"docker://{self.ref}")
        self.is_read(self.ref, "image")

    def test_what_holds_no_wasm_is_called_by_its_name(self):
        (self.folder / "layer.tar").write_bytes(tar(("bin/app", b"\x7fELF")))
        self.peer("crane", "append", "--insecure", "--oci-empty-base", "-f", "layer.tar", "-t", self.ref)
        self.refuse(12, "convert", self.ref, "oci:out:1", "--format", "wasm")
        self.assertEqual(self.succeed("advise", self.ref, "--json").json["verdict"], "keep as container")

    def test_wkg_takes_what_explain_says_it_takes(self):
        (self.folder / "layer.tar").write_bytes(tar(("bin/app", b"\x7fELF")))
        self.peer("crane", "append", "--insecure", "--oci-empty-base", "--platform", "linux/amd64", "-f", "layer.tar", "-t", f"{self.ref}-native")
        self.peer("crane", "mutate", "--insecure", "--set-platform", "linux/amd64", "-t", f"{self.ref}-native", f"{self.ref}-native")
        cases = []
        for form in ("wasm", "wasm-to-oci", "runwasi", "image", "spin", "trivy", "envoy"):
            self.succeed("push", "app.wasm", f"{self.ref}-{form}", "--format", form)
            cases.append(f"{self.ref}-{form}")
        self.succeed("index", "create", f"{self.ref}-all", f"{self.ref}-native", f"{self.ref}-wasm")
        cases += [f"{self.ref}-all", f"{self.ref}-native"]
        accepted = 0
        for reference in cases:
            said = self.succeed("explain", reference, "--only", "wkg", "--json").json[0]
            status, words = self.peer("wkg", "oci", "pull", "--insecure", self.registry.host, reference, "-o", "out.wasm", expect=None)
            self.assertEqual(said["accepts"], status == 0, f"{reference}: {said}\n{words}")
            accepted += said["accepts"]
        self.assertEqual(accepted, 1)


if __name__ == "__main__":
    unittest.main()
