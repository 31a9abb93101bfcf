"""What inspect says of package files, folders and saved images: the same report as for a store reference."""

import json
import tarfile
import unittest
import zipfile

from support.layout import digest, tar
from support.program import DavitTest

WASM = b"\0asm\1\0\0\0"


def saved_image(layers, names=("app:1",), platform=("wasi", "wasm"), mode="w", **config):
    """The bytes that `docker save` writes for one image."""
    document = {"architecture": platform[1], "os": platform[0], "config": config,
                "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}}
    files = [(f"{i}/layer.tar", layer) for i, layer in enumerate(layers)]
    index = [{"Config": "config.json", "RepoTags": list(names), "Layers": [name for name, _ in files]}]
    return tar(("config.json", json.dumps(document).encode()), *files, ("manifest.json", json.dumps(index).encode()), mode=mode)


class InspectFiles(DavitTest):
    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def artifact(self, target):
        answer = self.succeed("inspect", "--json", target).json
        self.assertEqual(answer["digest"], digest(WASM))
        self.assertTrue(answer["artifact"]["evidence"])
        self.assertTrue(answer["artifact"]["holdsWasm"])
        return answer["artifact"]

    def test_a_saved_image_by_reference_and_by_its_bytes(self):
        self.write("app.tar", saved_image([tar(("app.wasm", WASM))], Entrypoint=["/app.wasm"], Env=["A=1"]))
        for target in ("docker-archive:app.tar", "docker-archive:app.tar:app:1", "app.tar"):
            with self.subTest(target=target):
                artifact = self.artifact(target)
                self.assertEqual((artifact["reference"], artifact["format"]), (target, "image"))
                self.assertEqual(artifact["package"]["entrypoint"], ["/app.wasm"])
                self.assertEqual(artifact["package"]["environment"], ["A=1"])
                self.assertNotIn("layers", artifact)
        text = self.succeed("inspect", "-v", "docker-archive:app.tar").out
        for words in ("format image\n", "evidence the configuration is for wasi/wasm", "entrypoint /app.wasm"):
            self.assertIn(words, text)

    def test_a_saved_image_without_wasm_is_described_and_refused(self):
        self.write("app.tar", saved_image([tar(("bin/sh", b"\x7fELF" + bytes(9)))], platform=("linux", "amd64"), Entrypoint=["/bin/sh"]))
        for target in ("docker-archive:app.tar", "app.tar"):
            refused = self.refuse(12, "inspect", "--json", target, saying="a native ELF program")
            artifact = json.loads(refused.out)["artifact"]
            self.assertEqual((artifact["format"], artifact["holdsWasm"]), ("container-image", False))
        self.refuse(4, "inspect", "docker-archive:app.tar:other:2", saying="app:1")

    def test_package_files(self):
        toml = b'manifest_version = 2\nname = "edge"\n'
        self.write("edge.tar.gz", tar(("edge/fastly.toml", toml), ("edge/bin/main.wasm", WASM), mode="w:gz"))
        artifact = self.artifact("edge.tar.gz")
        self.assertEqual((artifact["format"], artifact["evidence"]), ("fastly", ["it holds fastly.toml and main.wasm"]))
        self.assertIn("fastly.toml", artifact["package"]["companions"])
        toml = b'[package]\nname = "a/b"\nversion = "1.0.0"\n[[module]]\nname = "m"\nsource = "m.wasm"\n'
        self.write("pack.tar.gz", tar(("wasmer.toml", toml), ("m.wasm", WASM), ("n.wasm", WASM + b"\0\2\1a"), mode="w:gz"))
        self.assertEqual(self.artifact("pack.tar.gz")["format"], "wasmer")

    def test_folders(self):
        self.write("worker/wrangler.toml", b'name = "w"\n')
        self.write("worker/module.wasm", WASM)
        self.assertEqual(self.artifact("worker")["format"], "workers")
        self.write("spin/spin.toml", b'spin_manifest_version = 2\n[application]\nname = "s"\n[component.s]\nsource = "s.wasm"\n')
        self.write("spin/s.wasm", WASM)
        self.assertEqual(self.artifact("spin")["format"], "spin")

    def data_files(self, target):
        """Paths and contents of the data files that reading a package finds."""
        self.succeed("convert", target, "docker-archive:out.tar", "--format", "image")
        found = {}
        with tarfile.open(self.folder / "out.tar") as saved:
            for layer in json.load(saved.extractfile("manifest.json"))[0]["Layers"]:
                with tarfile.open(fileobj=saved.extractfile(layer)) as files:
                    found.update({entry.name: files.extractfile(entry).read() for entry in files if entry.isfile() and not entry.name.endswith(".wasm")})
        (self.folder / "out.tar").unlink()
        return found

    def spin(self, files, version=2):
        head = 'spin_manifest_version = 2\n[application]\nname = "s"\n[component.s]\n' if version == 2 else 'spin_version = "1"\nname = "s"\n[[component]]\nid = "s"\n'
        self.write("spin/spin.toml", f'{head}source = "s.wasm"\n{files}\n'.encode())
        for name, content in (("s.wasm", WASM), ("web/index.html", b"i"), ("web/js/a.js", b"a"), ("web/js/b.ts", b"b"), ("notes.txt", b"n"), ("target/x", b"x")):
            self.write(f"spin/{name}", content)

    def test_a_spin_folder_carries_the_files_of_its_component(self):
        for version in (1, 2):
            self.spin('files = ["web/**/*.js", "notes.*", { source = "web", destination = "/site" }]\nexclude_files = ["web/js/b.ts"]', version)
            wanted = {"web/js/a.js": b"a", "notes.txt": b"n", "site/index.html": b"i", "site/js/a.js": b"a"}
            self.assertEqual(self.data_files("spin"), wanted)
            self.write("spin.tar", b"")
            with tarfile.open(self.folder / "spin.tar", "w") as packed:
                packed.add(self.folder / "spin", "app")
            self.assertEqual(self.data_files("spin.tar"), wanted)
        self.spin("")
        self.assertEqual(self.data_files("spin"), {})

    def test_files_outside_of_a_folder_are_refused(self):
        self.write("secret", b"s")
        for files in ('files = ["../secret"]', 'files = ["/etc/passwd"]', 'files = [{ source = "..", destination = "/" }]', 'files = [{ source = "web", destination = "/../x" }]'):
            self.spin(files)
            self.refuse(8, "convert", "spin", "oci:out:1", "--format", "spin", saying="leave it")
        self.spin('files = ["web/*"]')
        (self.folder / "spin" / "web" / "out").symlink_to(self.folder / "secret")
        self.assertEqual(self.data_files("spin"), {"web/index.html": b"i"})

    def test_a_foreign_wasmer_package_says_where_its_files_are(self):
        toml = b'[package]\nname = "a/b"\nversion = "1.0.0"\n[fs]\n"/etc/app" = "conf"\n[[module]]\nname = "m"\nsource = "m.wasm"\n'
        self.write("pack.tar.gz", tar(("wasmer.toml", toml), ("m.wasm", WASM), ("conf/a.ini", b"a"), ("other", b"o"), mode="w:gz"))
        self.assertEqual(self.data_files("pack.tar.gz"), {"etc/app/a.ini": b"a"})

    def test_a_traefik_plugin_cut_anywhere_is_refused(self):
        path = self.folder / "plugin.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("p/.traefik.yml", "displayName: P\n" * 20)
            packed.writestr("p/plugin.wasm", WASM)
        self.assertEqual(self.artifact("plugin.zip")["format"], "traefik")
        whole = path.read_bytes()
        for size in range(4, len(whole) - 1, 9):
            path.write_bytes(whole[:size])
            with self.subTest(size=size):
                self.assertIn(self.run_davit("inspect", "plugin.zip").status, (8, 12))

    def test_stores_in_files_are_inspected_as_stores(self):
        self.write("a.wasm", WASM)
        self.succeed("push", "a.wasm", "oci-archive:store.tar:1")
        self.succeed("push", "a.wasm", "oci:layout:1")
        for target in ("store.tar", "layout"):
            artifact = self.artifact(target)
            self.assertEqual(artifact["format"], "wasm")
            self.assertEqual(artifact["layers"][0]["digest"], digest(WASM))

    def test_several_wasm_files_are_listed(self):
        self.write("two.tar", tar(("a.wasm", WASM), ("b.wasm", WASM + b"\0\2\1a")))
        self.refuse(12, "inspect", "two.tar", saying="/a.wasm, /b.wasm")

    def test_what_is_no_package(self):
        self.write("par.tar", tar(("claims.jwt", b"x"), ("x86_64-linux.bin", b"\x7fELF")))
        refused = self.refuse(12, "inspect", "--json", "par.tar", saying="provider archive")
        self.assertEqual(json.loads(refused.out)["artifact"]["format"], "provider-archive")
        self.write("text.tar", tar(("readme", b"x")))
        self.refuse(12, "inspect", "text.tar", saying="without a wasm file")
        (self.folder / "empty").mkdir()
        self.refuse(12, "inspect", "empty", saying="this folder is no package")


if __name__ == "__main__":
    unittest.main()
