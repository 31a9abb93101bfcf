"""`inspect --wit`: what is printed of packages, components and modules made for a component, word for word."""

import unittest

from support.program import SOURCE, DavitTest
from support.wasm import MODULE

FILES = SOURCE / "tests" / "fuzz" / "corpus" / "wit"

DOCS = """/// The package
/// in two lines
package test:docs@2.0.0-rc.1;

/// An interface
@since(version = 1.0.0)
interface things {
  /// A record
  record point {
    /// across
    x: s32,
    y: s32,
  }

  /// A function
  get: func() -> point;
}

/// A world
world w {
  /// taken
  import things;
  /// within
  import inner: interface {
    /// deep
    f: func();
  }

  /// called
  export run: func();
}
"""

RESOURCES = """package root:component;

world root {
  import test:resources/owner;
  import test:resources/user;
  export test:resources/user;
}

package test:resources {
  interface owner {
    resource blob {
      constructor(init: list<u8>);
      read: func(n: u32) -> list<u8>;
      merge: static func(a: blob, b: borrow<blob>) -> option<blob>;
    }

    resource empty;
  }

  interface user {
    use owner.{blob, empty as nothing};

    take: func(b: blob, n: borrow<nothing>) -> blob;
  }
}
"""

KEYWORDS = """package test:%record;

interface %interface {
  enum %enum {
    %type,
    %func,
    %list,
  }

  record %world {
    %use: u8,
    %import: %enum,
  }

  %export: func(%static: %world) -> %enum;
}

world %resource {
  import %interface;
  export %interface;
}
"""

ASYNC = """package root:component;

world root {
  import test:pipes/pipes@0.3.0;

  export run: async func();
}

package test:pipes@0.3.0 {
  interface pipes {
    resource source;

    open: async func(name: string) -> result<stream<u8>, string>;

    later: func() -> future<list<string>>;

    done: func(a: future, b: stream<source>) -> tuple<stream<u8>, future<result>>;
  }
}
"""


class InspectWit(DavitTest):
    def test_text(self):
        for name, expected in (("docs", DOCS), ("resources-w", RESOURCES), ("keywords", KEYWORDS), ("async-w", ASYNC)):
            with self.subTest(name):
                self.assertEqual(self.succeed("inspect", "--wit", FILES / f"{name}.wasm").out, expected)

    def test_every_seed_prints(self):
        for file in sorted(FILES.glob("*.wasm")):
            self.assertTrue(self.succeed("inspect", "--wit", file).out.startswith(("package ", "/// ")), file)

    def test_json_has_it_as_a_field(self):
        report = self.succeed("inspect", "--wit", "--json", FILES / "docs.wasm").json
        self.assertEqual(report["wit"], DOCS)
        self.assertEqual(report["kind"], "component")

    def test_a_module_without_a_world_is_refused(self):
        (self.folder / "a.wasm").write_bytes(MODULE)
        self.refuse(12, "inspect", "--wit", "a.wasm", saying="has no world")

    def test_only_one_question_at_a_time(self):
        self.refuse(2, "inspect", "--wit", "--size", FILES / "docs.wasm", saying="exclude each other")

    def test_a_failure_says_where_in_the_nesting(self):
        inner = b"\0asm\x0d\0\1\0" + bytes([7, 2, 1, 0x3E])
        (self.folder / "a.wasm").write_bytes(b"\0asm\x0d\0\1\0" + bytes([4, len(inner)]) + inner)
        outcome = self.refuse(8, "validate", "a.wasm", saying="in component 0: unknown component type 0x3e")
        self.assertIn("at byte 0x15", outcome.err)


if __name__ == "__main__":
    unittest.main()
