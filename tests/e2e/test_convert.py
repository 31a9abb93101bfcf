"""Container images and wasm artifacts, both ways, with images made by tar, umoci and skopeo."""

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import unittest

from support.program import DavitTest
from support.registry import Registry

WASM = b"\0asm\1\0\0\0"
OTHER = WASM + b"\0\2\1a"
ELF = b"\x7fELF" + bytes(60)


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(*entries):
    """A layer: (name, content) for a file, or a TarInfo for anything else."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            info = tarfile.TarInfo(entry[0])
            info.size = len(entry[1])
            archive.addfile(info, io.BytesIO(entry[1]))
    return out.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


class ConvertTest(DavitTest):
    def image(self, *layers, config=None, platform=("wasi", "wasm"), compress=None, folder="image", tag="v1", annotations=None):
        """Writes an image layout by hand; `compress` is None, gzip.compress or zstd."""
        blobs = self.folder / folder / "blobs" / "sha256"
        blobs.mkdir(parents=True)

        def put(data, media_type):
            (blobs / hashlib.sha256(data).hexdigest()).write_bytes(data)
            return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

        suffix = {None: "", gzip.compress: "+gzip", zstd: "+zstd"}[compress]
        stored = [put(compress(layer) if compress else layer, "application/vnd.oci.image.layer.v1.tar" + suffix) for layer in layers]
        document = {"architecture": platform[1], "os": platform[0], "config": config or {}, "rootfs": {"type": "layers", "diff_ids": [digest(x) for x in layers]}}
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": put(json.dumps(document).encode(), "application/vnd.oci.image.config.v1+json"), "layers": stored}
        if annotations:
            manifest["annotations"] = annotations
        entry = {**put(json.dumps(manifest).encode(), manifest["mediaType"]), "annotations": {"org.opencontainers.image.ref.name": tag}}
        (self.folder / folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        (self.folder / folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
        return f"oci:{folder}:{tag}"

    def to_wasm(self, source, *words):
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        return self.succeed("convert", source, "oci:out:v1", "--format", "wasm", *words)

    def wasm_of(self, source, *words):
        self.to_wasm(source, *words)
        self.succeed("pull", "oci:out:v1", "-o", "pulled.wasm")
        return (self.folder / "pulled.wasm").read_bytes()

    def read(self, reference, *path):
        """A document of a layout: the manifest, or its config."""
        folder, tag = reference.removeprefix("oci:").rsplit(":", 1)
        root = self.folder / folder
        index = json.loads((root / "index.json").read_text())
        entry = next(e for e in index["manifests"] if e.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag)
        manifest = json.loads((root / "blobs/sha256" / entry["digest"][7:]).read_text())
        return json.loads((root / "blobs/sha256" / manifest["config"]["digest"][7:]).read_text()) if path else manifest

    def tool(self, *words):
        if not shutil.which(words[0]):
            self.skipTest(f"{words[0]} is not installed")
        return subprocess.run(list(map(str, words)), cwd=self.folder, capture_output=True, check=True, env={**self.environment, "XDG_RUNTIME_DIR": str(self.folder)}).stdout


class FromImages(ConvertTest):
    def test_takes_the_file_that_the_entrypoint_names(self):
        layer = tar(("bin/other.wasm", OTHER), ("app.wasm", WASM))
        for config in ({"Entrypoint": ["/app.wasm"]}, {"Cmd": ["/app.wasm"]}, {"Cmd": ["app.wasm"], "WorkingDir": "/"}, {"Entrypoint": ["wasmtime"], "Cmd": ["/app.wasm", "x"]},
                       {"Entrypoint": ["/app.wasm#_start"]}):
            source = self.image(layer, config=config)
            self.assertEqual(self.wasm_of(source), WASM, config)
            shutil.rmtree(self.folder / "image")

    def test_takes_the_only_file_when_nothing_names_it(self):
        self.assertEqual(self.wasm_of(self.image(tar(("data", b"x"), ("opt/run", WASM)))), WASM)

    def test_looks_a_bare_word_up_in_the_path(self):
        source = self.image(tar(("opt/bin/tool", WASM), ("x.wasm", OTHER)), config={"Entrypoint": ["tool"], "Env": ["PATH=/bin:/opt/bin"]})
        self.assertEqual(self.wasm_of(source), WASM)

    def test_lists_several_candidates_and_takes_the_chosen_one(self):
        source = self.image(tar(("a.wasm", WASM), ("b/c.wasm", OTHER)))
        self.refuse(12, "convert", source, "oci:out:v1", "--format", "wasm", saying="/a.wasm, /b/c.wasm")
        self.assertEqual(self.wasm_of(source, "--path", "/b/c.wasm"), OTHER)
        self.refuse(4, "convert", source, "oci:out:v1", "--format", "wasm", "--path", "/none", saying="/none")

    def test_reads_gzip_and_zstd_layers(self):
        for compress in (gzip.compress, zstd):
            if compress is zstd and not shutil.which("zstd"):
                continue
            self.assertEqual(self.wasm_of(self.image(tar(("./app.wasm", WASM)), compress=compress)), WASM)
            shutil.rmtree(self.folder / "image")

    def test_a_higher_layer_wins(self):
        self.assertEqual(self.wasm_of(self.image(tar(("app.wasm", OTHER)), tar(("./app.wasm", WASM)))), WASM)

    def test_whiteouts_hide_lower_files_and_only_those(self):
        lower = tar(("app/a.wasm", WASM), ("app/b.wasm", OTHER), ("keep.wasm", WASM))
        self.refuse(12, "convert", self.image(lower), "oci:out:v1", "--format", "wasm")
        for upper in (tar(("app/.wh.b.wasm", b""), (".wh.keep.wasm", b"")), tar((".wh.app", b"")),
                      tar(("app/.wh..wh..opq", b"")), tar(("app/new.wasm", WASM), ("app/.wh..wh..opq", b""), (".wh.keep.wasm", b""))):
            shutil.rmtree(self.folder / "image")
            self.assertEqual(self.wasm_of(self.image(lower, upper)), WASM)

    def test_follows_hard_links_and_symbolic_links(self):
        hard = tar(("lib/real", WASM), special("app.wasm", tarfile.LNKTYPE, "lib/real"))
        self.assertEqual(self.wasm_of(self.image(hard, config={"Entrypoint": ["/app.wasm"]})), WASM)
        shutil.rmtree(self.folder / "image")
        across = (tar(("lib/real", WASM)), tar(special("app.wasm", tarfile.LNKTYPE, "lib/real")))
        self.assertEqual(self.wasm_of(self.image(*across, config={"Entrypoint": ["/app.wasm"]})), WASM)
        shutil.rmtree(self.folder / "image")
        soft = tar(special("app.wasm", tarfile.SYMTYPE, "../../usr/lib/real"), special("usr/lib", tarfile.SYMTYPE, "/srv"), ("srv/real", WASM), ("x.wasm", OTHER))
        self.assertEqual(self.wasm_of(self.image(soft, config={"Entrypoint": ["/app.wasm"]})), WASM)

    def test_reads_what_skopeo_and_docker_save_write(self):
        self.image(tar(("base", b"x")), tar(("app.wasm", WASM)), config={"Entrypoint": ["/app.wasm"], "Env": ["A=b"]}, compress=gzip.compress)
        self.tool("skopeo", "copy", "-q", "oci:image:v1", "docker-archive:saved.tar:app:v1")
        self.assertEqual(self.wasm_of("docker-archive:saved.tar"), WASM)
        self.assertEqual(self.wasm_of("docker-archive:saved.tar:app:v1"), WASM)
        self.refuse(4, "convert", "docker-archive:saved.tar:app:v2", "oci:out:v1", "--format", "wasm", saying="app:v1")
        self.tool("skopeo", "copy", "-q", "oci:image:v1", "oci-archive:saved-oci.tar:v1")
        self.assertEqual(self.wasm_of("oci-archive:saved-oci.tar:v1"), WASM)

    def test_reads_what_umoci_builds(self):
        self.tool("umoci", "init", "--layout", "made")
        self.tool("umoci", "new", "--image", "made:v1")
        self.tool("umoci", "config", "--image", "made:v1", "--os", "wasi", "--architecture", "wasm", "--config.entrypoint", "/srv/app.wasm")
        # umoci 0.4.7 neither fills the last block of what it inserts nor writes an end.
        (self.folder / "app.wasm").write_bytes(OTHER)
        self.tool("umoci", "insert", "--rootless", "--image", "made:v1", "app.wasm", "/srv/app.wasm")
        self.assertEqual(self.wasm_of("oci:made:v1"), OTHER)

    def test_an_older_docker_archive_with_linked_layers(self):
        layer = tar(("app.wasm", WASM))
        config = json.dumps({"architecture": "wasm", "os": "wasi", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}}).encode()
        index = json.dumps([{"Config": "c.json", "RepoTags": None, "Layers": ["two/layer.tar"]}]).encode()
        (self.folder / "old.tar").write_bytes(tar(("one/layer.tar", layer), special("two/layer.tar", tarfile.SYMTYPE, "../one/layer.tar"), ("c.json", config), ("manifest.json", index)))
        self.assertEqual(self.wasm_of("docker-archive:old.tar"), WASM)

    def test_a_docker_archive_whose_layer_was_changed_is_refused(self):
        layer = tar(("app.wasm", WASM))
        config = json.dumps({"architecture": "wasm", "os": "wasi", "rootfs": {"type": "layers", "diff_ids": [digest(b"other")]}}).encode()
        index = json.dumps([{"Config": "c.json", "RepoTags": None, "Layers": ["l.tar"]}]).encode()
        (self.folder / "bad.tar").write_bytes(tar(("l.tar", layer), ("c.json", config), ("manifest.json", index)))
        self.refuse(10, "convert", "docker-archive:bad.tar", "oci:out:v1", "--format", "wasm", saying="digest")
        self.assertFalse((self.folder / "out").exists())


class Registries(ConvertTest):
    def setUp(self):
        super().setUp()
        self.host = Registry(self).host

    def test_an_image_of_a_registry_becomes_an_artifact_in_it(self):
        self.image(tar(("bin/x", b"x")), tar(("app.wasm", OTHER)), config={"Entrypoint": ["/app.wasm"]}, compress=gzip.compress)
        self.tool("skopeo", "copy", "-q", "--dest-tls-verify=false", "oci:image:v1", f"docker://{self.host}/team/image:v1")
        made = self.succeed("convert", f"{self.host}/team/image:v1", f"{self.host}/team/artifact:v1", "--format", "wasm", "--json").json
        self.succeed("pull", f"{self.host}/team/artifact:v1@{made['digest']}", "-o", "pulled.wasm")
        self.assertEqual((self.folder / "pulled.wasm").read_bytes(), OTHER)

    def test_an_artifact_of_a_registry_becomes_an_image_that_others_read(self):
        (self.folder / "app.wasm").write_bytes(OTHER)
        self.succeed("push", "app.wasm", f"{self.host}/team/artifact:v1")
        made = self.succeed("convert", f"{self.host}/team/artifact:v1", f"{self.host}/team/image:v1", "--format", "image", "--json").json
        shown = json.loads(self.tool("skopeo", "inspect", "--tls-verify=false", f"docker://{self.host}/team/image:v1"))
        self.assertEqual((shown["Digest"], shown["Os"], shown["Architecture"]), (made["digest"], "wasi", "wasm"))
        self.tool("skopeo", "copy", "-q", "--src-tls-verify=false", f"docker://{self.host}/team/image:v1", "oci:copied:v1")
        self.assertEqual(self.wasm_of("oci:copied:v1"), OTHER)

    def test_a_refused_image_leaves_nothing_in_the_registry(self):
        source = self.image(tar(("bin/app", ELF)), config={"Entrypoint": ["/bin/app"]}, platform=("linux", "amd64"))
        self.refuse(12, "convert", source, f"{self.host}/team/artifact:v1", "--format", "wasm")
        self.refuse(4, "tags", f"{self.host}/team/artifact")


class RefusedImages(ConvertTest):
    def refuse_image(self, status, *layers, saying=None, **options):
        source = self.image(*layers, **options)
        self.refuse(status, "convert", source, "oci:out:v1", "--format", "wasm", saying=saying)
        self.assertFalse((self.folder / "out").exists())
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["home", "image"])
        shutil.rmtree(self.folder / "image")

    def test_says_what_an_image_without_wasm_holds(self):
        self.refuse_image(12, tar(("bin/app", ELF)), config={"Entrypoint": ["/bin/app"]}, platform=("linux", "amd64"), saying="native ELF program")
        self.refuse_image(12, tar(("run.sh", b"#!/bin/sh\n")), config={"Cmd": ["/run.sh"]}, platform=("linux", "amd64"), saying="linux/amd64")
        self.refuse_image(12, tar(("x", b"")), config={"Cmd": ["/gone"]}, saying="not in it")
        self.refuse_image(12, tar(("text.wasm", b"(module)")), saying="no entrypoint")
        self.refuse_image(12, tar(special("app.wasm", tarfile.CHRTYPE)), config={"Cmd": ["/app.wasm"]}, saying="not in it")

    def test_the_root_itself_may_be_an_entry(self):
        for number, root in enumerate(("/", "./", "//")):
            source = self.image(tar(special(root, tarfile.DIRTYPE), ("app.wasm", WASM)), config={"Entrypoint": ["/app.wasm"]}, folder=f"image{number}")
            self.succeed("convert", source, f"oci:out{number}:v1", "--format", "wasm")

    def test_names_that_leave_the_image_are_refused(self):
        for name in ("../app.wasm", "a/../../app.wasm", "/etc/app.wasm"):
            self.refuse_image(8, tar((name, WASM)), saying="leaves its root")

    def test_links_never_leave_the_image(self):
        (self.folder / "home" / "secret.wasm").write_bytes(WASM)
        secret = str(self.folder / "home" / "secret.wasm")
        self.refuse_image(8, tar(special("app.wasm", tarfile.LNKTYPE, "../" * 20 + secret[1:])), saying="leaves the image")
        self.refuse_image(8, tar(special("app.wasm", tarfile.LNKTYPE, secret)), saying="not there")
        for target in (secret, "../" * 20 + secret[1:]):
            self.refuse_image(12, tar(special("app.wasm", tarfile.SYMTYPE, target)), config={"Entrypoint": ["/app.wasm"]}, saying="not in it")
        self.refuse_image(12, tar(special("a", tarfile.SYMTYPE, "b"), special("b", tarfile.SYMTYPE, "a")), config={"Entrypoint": ["/a"]})

    def test_broken_layers_are_refused(self):
        good = tar(("app.wasm", WASM + bytes(5000)))
        self.refuse_image(8, good[:1500])
        self.refuse_image(8, b"this is no tar" * 100)
        self.refuse_image(8, tar((".wh.", b"")), saying="names nothing")
        self.refuse_image(8, tar(("a/.wh...", b"")), saying="names nothing")
        self.refuse_image(8, tar(("app.wasm", WASM), ("app.wasm", OTHER)), saying="twice")

    def test_a_bomb_is_stopped(self):
        bomb = tar(("zeros", bytes(300 << 20)), ("app.wasm", WASM))
        source = self.image(bomb, compress=gzip.compress)
        self.refuse(9, "convert", source, "oci:out:v1", "--format", "wasm", saying="times its size", timeout=10)
        self.assertFalse((self.folder / "out").exists())

    def test_a_layer_with_another_digest_is_refused(self):
        source = self.image(tar(("app.wasm", WASM)))
        layer = self.folder / "image/blobs/sha256" / self.read(source)["layers"][0]["digest"][7:]
        layer.write_bytes(tar(("app.wasm", OTHER)).ljust(layer.stat().st_size, b"\0")[: layer.stat().st_size])
        self.refuse(10, "convert", source, "oci:out:v1", "--format", "wasm")
        self.assertFalse((self.folder / "out").exists())

    def test_words_that_make_no_sense_are_usage_errors(self):
        source = self.image(tar(("app.wasm", WASM)))
        self.refuse(2, "convert", source, "oci:out:v1")
        self.refuse(2, "convert", source, "oci:out:v1", "--format", "wasm", "--platform", "wasi/wasm")
        self.refuse(2, "convert", source, "oci:out:v1", "--format", "image", "--platform", "linux/amd64")
        self.refuse(12, "convert", source, "docker-archive:x.tar:a:b", "--format", "wasm", saying="holds file systems")
        self.refuse(2, "convert", source, "oci:out:v1", "--format", "wasm,nothing", saying="nothing")
        self.refuse(2, "convert", source, "oci:out:v1", "--format", "wasm,image", saying="2 formats")
        self.refuse(2, "convert", source, "oci:out:v1", "--format", "wasm,image", "--index", "--tag-suffix")
        self.refuse(2, "convert", source, "oci:out:v1", "--format", "wasm", "--compression", "gzip")
        self.refuse(2, "convert", source, "x.tar.gz", "--format", "fastly,wasmer", "--index")
        self.to_wasm(source)
        self.refuse(4, "convert", "oci:out:v1", "oci:two:v1", "--format", "wasm", "--path", "/app.wasm")


class ToImages(ConvertTest):
    def setUp(self):
        super().setUp()
        (self.folder / "app.wasm").write_bytes(OTHER)
        self.succeed("push", "app.wasm", "oci:store:v1", "--annotation", "org.example.note=kept")

    def test_the_image_is_what_container_hosts_expect(self):
        self.succeed("convert", "oci:store:v1", "oci:made:v1", "--format", "image")

        config = self.read("oci:made:v1", "config")
        manifest = self.read("oci:made:v1")
        self.assertEqual((config["os"], config["architecture"]), ("wasi", "wasm"))
        self.assertEqual(config["config"]["Entrypoint"], ["/app.wasm"])
        self.assertEqual(config["rootfs"]["diff_ids"], [manifest["layers"][0]["digest"]])
        self.assertEqual(manifest["annotations"]["org.example.note"], "kept")
        layer = (self.folder / "made/blobs/sha256" / manifest["layers"][0]["digest"][7:]).read_bytes()
        with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
            members = archive.getmembers()
            self.assertEqual([(m.name, m.uid, m.gid, m.mtime, m.mode) for m in members], [("app.wasm", 0, 0, 0, 0o755)])
            self.assertEqual(archive.extractfile(members[0]).read(), OTHER)

    def test_platforms(self):
        for system in ("wasi", "wasip1", "wasip2"):
            platform = system + "/wasm"
            self.succeed("convert", "oci:store:v1", f"oci:made:{system}", "--format", "image", "--platform", platform)
            config = self.read(f"oci:made:{system}", "config")
            self.assertEqual(f"{config['os']}/{config['architecture']}", platform)

    def test_the_same_artifact_gives_the_same_image(self):
        one = self.succeed("convert", "oci:store:v1", "oci:one:v1", "--format", "image", "--json").json
        two = self.succeed("convert", "oci:store:v1", "oci-archive:two.tar:v1", "--format", "image", "--json").json
        three = self.succeed("push", "app.wasm", "oci:three:v1", "--format", "image", "--annotation", "org.example.note=kept", "--json").json
        self.assertEqual({one["digest"], two["digest"], three["digest"]}, {one["digest"]})
        other = self.succeed("convert", "oci:store:v1", "oci:one:v2", "--format", "image", "--json", SOURCE_DATE_EPOCH="1700000000").json
        self.assertNotEqual(other["digest"], one["digest"])

    def test_there_and_back_changes_no_byte_of_the_file(self):
        self.succeed("convert", "oci:store:v1", "oci:made:v1", "--format", "image")
        self.assertEqual(self.wasm_of("oci:made:v1"), OTHER)
        self.assertEqual(self.read("oci:out:v1")["annotations"]["org.example.note"], "kept")

    def test_an_image_comes_back_as_it_was(self):
        config = {"Entrypoint": ["/srv/main.wasm", "--serve"], "Cmd": ["x"], "Env": ["A=b"], "Labels": {"l": "v"}, "WorkingDir": "/srv", "User": "1000",
                  "ExposedPorts": {"80/tcp": {}}}
        source = self.image(tar(("srv/main.wasm", WASM), ("srv/data", b"lost")), config=config, platform=("wasip1", "wasm"), annotations={"org.example.a": "b"})
        self.to_wasm(source)
        self.succeed("convert", "oci:out:v1", "oci:back:v1", "--format", "image")

        back = self.read("oci:back:v1", "config")
        self.assertEqual(back["config"], config)
        self.assertEqual((back["os"], back["architecture"]), ("wasip1", "wasm"))
        self.assertEqual(self.read("oci:back:v1")["annotations"]["org.example.a"], "b")
        self.assertNotIn("dev.davit.image", self.read("oci:back:v1")["annotations"])
        self.assertEqual(self.wasm_of("oci:back:v1"), WASM)

    def test_what_an_annotation_remembers_is_not_believed_blindly(self):
        for memory in ('{"path":"../../x.wasm"}', '{"path":"/x.wasm"}', '{"title":"a/b"}', '{"files":[{"path":"../x","size":1}]}', "x", '{"invented":{"path":"../x"}}'):
            source = self.image(tar(("app.wasm", WASM)), folder="evil", annotations={"dev.davit.package": memory})
            self.refuse(8, "convert", source, "oci:made:v1", "--format", "wasm", saying="dev.davit.package")
            shutil.rmtree(self.folder / "evil")
        for key in ("dev.davit.package", "dev.davit.files", "dev.davit.capabilities"):
            self.refuse(2, "push", "app.wasm", "oci:evil:v1", "--annotation", key + "=x", saying=key)

    def test_skopeo_copies_and_umoci_unpacks_it(self):
        self.succeed("convert", "oci:store:v1", "oci:made:v1", "--format", "image")
        self.tool("skopeo", "copy", "-q", "oci:made:v1", "docker-archive:copied.tar:app:v1")
        self.assertEqual(self.wasm_of("docker-archive:copied.tar"), OTHER)
        self.tool("skopeo", "inspect", "--config", "oci:made:v1")
        # "raw", because a whole bundle is refused by umoci for any system but Linux.
        self.tool("umoci", "raw", "unpack", "--rootless", "--image", "made:v1", "rootfs")
        self.assertEqual((self.folder / "rootfs/app.wasm").read_bytes(), OTHER)
        self.assertTrue(os.access(self.folder / "rootfs/app.wasm", os.X_OK))

    def test_capabilities_are_announced_from_the_file_and_not_from_the_source(self):
        source = self.image(tar(("app.wasm", WASM)), annotations={"dev.davit.capabilities": "everything"})
        self.to_wasm(source)
        self.assertNotIn("dev.davit.capabilities", self.read("oci:out:v1")["annotations"])


if __name__ == "__main__":
    unittest.main()
