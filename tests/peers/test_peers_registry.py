"""oras, crane, skopeo and wkg against davit on one docker-registry: each reads what the other wrote."""

import shutil
import subprocess
import unittest

from support.program import DavitTest
from support.registry import Registry
from support.wasm import module

COMPONENT = b"\0asm\x0d\0\x01\0"


class Peers(DavitTest):
    def setUp(self):
        super().setUp()
        self.registry = Registry(self)
        self.wasm = self.folder / "app.wasm"
        self.wasm.write_bytes(module(20_000, description="peer test"))
        self.ref = f"{self.registry.host}/davit/app:1"

    def peer(self, name, *words):
        path = shutil.which(name)
        if path is None:
            self.skipTest(f"{name} is not installed")
        done = subprocess.run([path, *map(str, words)], cwd=self.folder, env={**self.environment, "HOME": str(self.folder / "home")}, capture_output=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, f"{name} {words}\n{done.stdout.decode()}\n{done.stderr.decode()}")
        return done.stdout

    def pulled(self, ref):
        self.succeed("pull", ref, "-o", "pulled.wasm")
        return (self.folder / "pulled.wasm").read_bytes()

    def push(self):
        return self.succeed("push", self.wasm, self.ref, "--json").json["digest"]

    def test_oras_pulls_what_davit_pushed(self):
        self.push()
        self.peer("oras", "pull", "--plain-http", self.ref, "-o", "from-oras")
        self.assertEqual((self.folder / "from-oras/app.wasm").read_bytes(), self.wasm.read_bytes())

    def test_davit_pulls_what_oras_pushed(self):
        for number, spec in enumerate(("app.wasm", "app.wasm:application/wasm", "app.wasm:application/vnd.wasm.content.layer.v1+wasm")):
            ref = f"{self.registry.host}/oras/app:{number}"
            self.peer("oras", "push", "--plain-http", ref, spec)
            self.assertEqual(self.pulled(ref), self.wasm.read_bytes())

    def test_crane_reads_what_davit_pushed(self):
        digest = self.push()
        self.assertEqual(self.peer("crane", "digest", "--insecure", self.ref).decode().strip(), digest)
        self.peer("crane", "validate", "--insecure", "--fast", "--remote", self.ref)
        self.peer("crane", "copy", "--insecure", self.ref, f"{self.registry.host}/crane/app:1")
        self.assertEqual(self.pulled(f"{self.registry.host}/crane/app:1"), self.wasm.read_bytes())

    def test_davit_pulls_what_crane_pushed(self):
        self.succeed("push", self.wasm, "oci:layout:1")
        self.peer("crane", "push", "--insecure", "layout", f"{self.registry.host}/crane/pushed:1")
        self.assertEqual(self.pulled(f"{self.registry.host}/crane/pushed:1"), self.wasm.read_bytes())

    def test_skopeo_copies_both_ways(self):
        digest = self.push()
        self.peer("skopeo", "copy", "--src-tls-verify=false", f"docker://{self.ref}", "oci:from-skopeo:1")
        self.assertEqual(self.succeed("resolve", "oci:from-skopeo:1").out.strip(), digest)
        self.assertEqual(self.pulled("oci:from-skopeo:1"), self.wasm.read_bytes())
        self.succeed("copy", self.ref, "oci:from-davit:1")
        self.peer("skopeo", "copy", "--dest-tls-verify=false", "oci:from-davit:1", f"docker://{self.registry.host}/skopeo/app:1")
        self.assertEqual(self.succeed("resolve", f"{self.registry.host}/skopeo/app:1").out.strip(), digest)
        self.succeed("copy", self.ref, "oci-archive:davit.tar:1")
        self.peer("skopeo", "copy", "oci-archive:davit.tar:1", "oci-archive:skopeo.tar:1")
        self.assertEqual(self.pulled("oci-archive:skopeo.tar:1"), self.wasm.read_bytes())

    def test_wkg_and_davit_read_each_other(self):
        self.wasm.write_bytes(COMPONENT)
        self.push()
        insecure = ("--insecure", self.registry.host)
        self.peer("wkg", "oci", "pull", *insecure, self.ref, "-o", "from-wkg.wasm")
        self.assertEqual((self.folder / "from-wkg.wasm").read_bytes(), COMPONENT)
        self.peer("wkg", "oci", "push", *insecure, f"{self.registry.host}/wkg/app:1", "app.wasm")
        self.assertEqual(self.pulled(f"{self.registry.host}/wkg/app:1"), COMPONENT)


if __name__ == "__main__":
    unittest.main()
