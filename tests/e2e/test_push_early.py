"""A large file is sent while its digest is still being computed; whatever happens on the way, the outcome is that of a plain push."""

import json
import unittest

from support.faulty_registry import FaultyRegistry, digest_of
from support.program import DavitTest
from support.registry import Registry
from support.wasm import custom

SIZE = 40 << 20


class EarlyUploads(DavitTest):
    def setUp(self):
        super().setUp()
        self.wasm = self.folder / "large.wasm"
        self.wasm.write_bytes(b"\0asm\1\0\0\0" + custom("padding", bytes(range(256)) * (SIZE // 256)))
        self.digest = digest_of(self.wasm.read_bytes())

    def methods(self, registry, before=0):
        return [method for method, _, _ in registry.requests()[before:]]

    def test_a_new_file_goes_out_in_one_stream_and_comes_back_the_same(self):
        registry = Registry(self)
        self.succeed("push", self.wasm, f"{registry.host}/app:1", "-q")
        self.assertEqual(self.methods(registry).count("PATCH"), 1)
        self.succeed("pull", f"{registry.host}/app:1", "-o", "back.wasm", "-q")
        self.assertEqual((self.folder / "back.wasm").read_bytes(), self.wasm.read_bytes())

    def test_the_same_again_sends_nothing(self):
        registry = Registry(self)
        self.succeed("push", self.wasm, f"{registry.host}/app:1", "-q")
        before = len(registry.requests())
        self.succeed("push", self.wasm, f"{registry.host}/app:1", "-q")
        self.assertEqual(set(self.methods(registry, before)), {"HEAD"})

    def test_a_blob_that_is_there_under_another_name_is_not_stored_twice(self):
        registry = Registry(self)
        self.succeed("push", self.wasm, f"{registry.host}/app:1", "-q")
        before = len(registry.requests())
        self.succeed("push", self.wasm, f"{registry.host}/app:2", "-q", "--annotation", "a=b")
        named = [path for method, path, _ in registry.requests()[before:] if method == "PUT" and self.digest.split(":")[1] in path]
        self.assertEqual(named, [])
        self.succeed("resolve", f"{registry.host}/app:2")

    def test_a_file_that_is_no_wasm_is_not_sent(self):
        registry = Registry(self)
        self.wasm.write_bytes(b"x" * SIZE)
        self.refuse(8, "push", self.wasm, f"{registry.host}/app:1")
        self.assertEqual(set(self.methods(registry)) - {"HEAD"}, set())

    def serve(self, patch):
        """A registry that takes plain uploads and answers PATCH with `patch`."""
        stored = {}

        def script(exchange):
            if exchange.method == "POST":
                exchange.answer(202, Location="/v2/app/blobs/uploads/1")
            elif exchange.method == "PATCH":
                patch(exchange)
            elif exchange.method == "PUT" and "digest=" in exchange.path:
                stored[digest_of(exchange.body)] = len(exchange.body)
                exchange.answer(201)
            elif exchange.method == "PUT":
                stored["manifest"] = json.loads(exchange.body)
                exchange.answer(201)
            elif exchange.method == "DELETE":
                exchange.answer(204)
            else:
                exchange.answer(404)

        return FaultyRegistry(self, script), stored

    def check_falls_back(self, patch):
        registry, stored = self.serve(patch)
        self.succeed("push", self.wasm, f"{registry.host}/app:1", "-q", "--retries", "1", "--timeout", "5s")
        self.assertEqual(stored.get(self.digest), self.wasm.stat().st_size)
        self.assertEqual(stored["manifest"]["layers"][0]["digest"], self.digest)

    def test_a_registry_that_refuses_parts_gets_the_whole(self):
        self.check_falls_back(lambda exchange: exchange.answer(405))

    def test_a_connection_that_breaks_gets_a_plain_upload(self):
        self.check_falls_back(lambda exchange: exchange.hang_up())

    def test_a_part_without_a_place_for_the_rest_gets_a_plain_upload(self):
        self.check_falls_back(lambda exchange: exchange.answer(202))


if __name__ == "__main__":
    unittest.main()
