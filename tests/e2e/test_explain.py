"""`explain`: verdicts over real artifacts, and commands that work where the tool is installed."""

import os
import shutil
import subprocess
import unittest

from support.layout import Layout
from support.program import DavitTest
from support.registry import Registry

HEAD = b"\0asm\1\0\0\0"
# (module (memory (export "memory") 1) (func (export "_start")))
START = HEAD + bytes.fromhex("01040160000003020100050301000107130206" + "6d656d6f7279" + "0200" + "06" + "5f7374617274" + "0000" + "0a040102000b")


class ExplainTest(DavitTest):
    def setUp(self):
        super().setUp()
        (self.folder / "app.wasm").write_bytes(START)

    def verdicts(self, *words):
        return {each["consumer"]: each for each in self.succeed("explain", *words, "--json").json}

    def accepting(self, *words):
        return {name for name, each in self.verdicts(*words).items() if each["accepts"]}

    def test_a_wasm_artifact(self):
        self.succeed("push", "app.wasm", "oci:store:1")

        verdicts = self.verdicts("oci:store:1")

        accepting = {name for name, each in verdicts.items() if each["accepts"]}
        self.assertEqual(accepting, {"containerd-shim-wasmtime", "containerd-shim-wasmedge", "containerd-shim-wasmer",
                                     "containerd-shim-spin", "spin", "wkg", "wasmtime", "wasmer", "wasmedge", "node"})
        for each in verdicts.values():
            self.assertEqual(each["reason"] is None, each["accepts"])
            self.assertEqual(each["command"] is None, not each["accepts"])
        self.assertEqual(verdicts["docker"]["aspect"], "layout")
        self.assertEqual(verdicts["wassette"]["aspect"], "wasi")

    def test_an_image(self):
        self.succeed("push", "app.wasm", "oci:store:1")
        self.succeed("convert", "oci:store:1", "oci:store:image", "--format", "image")

        self.assertEqual(self.accepting("oci:store:image"), {"containerd-shim-wasmtime", "containerd-shim-wasmedge", "containerd-shim-wasmer",
                                                             "docker", "podman", "wasmtime", "wasmer", "wasmedge", "node"})

    def test_a_proxys_plugin_is_found_in_the_last_layer(self):
        plugin = HEAD + bytes.fromhex("010401600000030201000718" + "01" + "14" + b"proxy_abi_version_0_".hex() + "0000" + "0a040102000b")
        layout = Layout(self.folder / "images")
        import gzip
        from support.layout import OCI, digest, tar
        layer = tar(("some/plugin.wasm", plugin))
        config = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}}
        layout.tag("1", layout.put({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": layout.put(config, OCI + "config.v1+json"),
                                    "layers": [layout.put(gzip.compress(layer), OCI + "layer.v1.tar+gzip")]}, OCI + "manifest.v1+json"))

        self.assertTrue(self.accepting("oci:images:1") >= {"istio", "envoy-gateway"}, self.verdicts("oci:images:1"))

    def test_a_native_image_is_refused_by_what_it_is(self):
        layout = Layout(self.folder / "images")
        layout.tag("1", layout.file_system([[("bin/app", b"\x7fELF")]], {"Entrypoint": ["/bin/app"]}))

        verdicts = self.verdicts("oci:images:1")

        self.assertFalse([name for name, each in verdicts.items() if each["accepts"]])
        self.assertIn("container image for linux/amd64", verdicts["docker"]["reason"])

    def test_an_index_is_refused_by_who_takes_another_entry(self):
        layout = Layout(self.folder / "images")
        layout.tag("native", layout.file_system([[("bin/app", b"\x7fELF")]], {"Entrypoint": ["/bin/app"]}))
        self.succeed("push", "app.wasm", "oci:images:wasm")
        self.succeed("index", "create", "oci:images:all", "oci:images:native", "oci:images:wasm")

        verdicts = self.verdicts("oci:images:all")

        self.assertEqual(verdicts["wkg"]["aspect"], "index")
        self.assertTrue(verdicts["wasmtime"]["accepts"])

    def test_a_file_is_for_runtimes(self):
        self.assertEqual(set(self.verdicts("app.wasm")), {"wasmtime", "wasmer", "wasmedge", "node"})
        self.refuse(2, "explain", "app.wasm", "--only", "wkg", saying="from a registry")
        (self.folder / "library.wasm").write_bytes(HEAD)
        self.assertEqual(self.accepting("library.wasm"), set())
        self.refuse(8, "explain", __file__)

    def test_only_some_are_asked_and_names_are_closed(self):
        self.assertEqual(set(self.verdicts("app.wasm", "--only", "node", "--only", "wasmtime")), {"wasmtime", "node"})
        self.refuse(2, "explain", "app.wasm", "--only", "nobody")

    def test_the_module_is_fetched_only_when_an_answer_needs_it(self):
        registry = Registry(self)
        at = f"127.0.0.1:{registry.port}/team/app:1"
        self.succeed("push", "app.wasm", at)
        layer = self.succeed("pull", at, "-o", "x.wasm", "--json").json["fileDigest"]
        before = len(registry.requests())

        self.succeed("explain", at, "--only", "wkg")

        self.assertFalse([each for each in registry.requests()[before:] if layer in str(each)])
        self.succeed("explain", at, "--only", "wasmtime")
        self.assertTrue([each for each in registry.requests()[before:] if layer in str(each)])

    def test_the_commands_run_where_the_tools_are(self):
        registry = Registry(self)
        at = f"127.0.0.1:{registry.port}/team/app:1"
        self.succeed("push", "app.wasm", at)
        verdicts = self.verdicts(at)
        davit = self.folder / "bin"
        davit.mkdir()
        from support.program import program
        (davit / "davit").symlink_to(os.path.abspath(program()))
        path = f"{davit}:{os.environ['PATH']}"
        ran = 0
        for name in ("wasmtime", "node", "wasmer", "wasmedge"):
            if shutil.which(name) is None:
                continue
            done = subprocess.run(["sh", "-c", verdicts[name]["command"]], cwd=self.folder, capture_output=True, check=False,
                                  env={**self.environment, "PATH": path})
            self.assertEqual(done.returncode, 0, f"{verdicts[name]['command']}\n{done.stderr.decode()}")
            ran += 1
        if ran == 0:
            self.skipTest("no wasm runtime is installed")


if __name__ == "__main__":
    unittest.main()
