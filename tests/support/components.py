"""Makes small components, one section at a time. Binary.md of the component model names the numbers."""

from support.wasm import MODULE, leb, name, section

PREAMBLE = b"\0asm\x0d\0\x01\0"
FUNCTION_TYPE = b"\x40\0\0\x79"  # () -> u32
INSTANCE_TYPE = b"\x42\2\1" + FUNCTION_TYPE + b"\4\0\1f\1\0"  # exports f: () -> u32


def vector(identifier, *entries):
    return section(identifier, leb(len(entries)) + b"".join(entries))


def core_module(content):
    return section(1, content)


def nested(content):
    return section(4, content)


def types(*entries):
    return vector(7, *entries)


def import_instance(label, type_index):
    return vector(10, b"\0" + name(label) + b"\5" + leb(type_index))


def alias_function(instance, label="f"):
    return vector(6, b"\1\0" + leb(instance) + name(label))


def alias_core(instance, label, sort=0):
    return vector(6, b"\0" + bytes([sort]) + b"\1" + leb(instance) + name(label))


def lower(function):
    return vector(8, b"\1\0" + leb(function) + b"\0")


def lift(core_function, type_index):
    return vector(8, b"\0\0" + leb(core_function) + b"\0" + leb(type_index))


def bundle(*items):
    """A core instance of (name, sort, index)."""
    return vector(2, b"\1" + leb(len(items)) + b"".join(name(label) + bytes([sort]) + leb(index) for label, sort, index in items))


def instantiate(module, *arguments):
    """A core instance of a module with (name, core instance) arguments."""
    return vector(2, b"\0" + leb(module) + leb(len(arguments)) + b"".join(name(label) + b"\x12" + leb(index) for label, index in arguments))


def export_function(label, index):
    return vector(11, b"\0" + name(label) + b"\1" + leb(index) + b"\0")


def body(code):
    return leb(len(code) + 2) + b"\0" + code + b"\x0b"


def caller(*imports, called=(), exports=("run",), tail=b""):
    """A module that imports functions (module, name), each () -> i32, and exports functions that add up the called ones.

    A second function that nobody reaches calls all of them, as code does that a linker could not drop.
    """
    count = len(imports)
    add = b"\x41\0" + b"".join(b"\x10" + leb(i) + b"\x6a" for i in called)
    dead = b"\x41\0" + b"".join(b"\x10" + leb(i) + b"\x6a" for i in range(count))
    return (
        MODULE
        + section(1, b"\1\x60\0\1\x7f")
        + section(2, leb(count) + b"".join(name(m) + name(f) + b"\0\0" for m, f in imports))
        + section(3, leb(len(exports) + 1) + b"\0" * (len(exports) + 1))
        + section(7, leb(len(exports)) + b"".join(name(e) + b"\0" + leb(count + 1 + i) for i, e in enumerate(exports)))
        + section(10, leb(len(exports) + 1) + body(dead) + body(add) * len(exports))
        + tail
    )


def shim(slots):
    """What componentizers write: a table, and for each slot a function that calls through it."""
    bodies = [body(b"\x41" + leb(i) + b"\x11\0\0") for i in range(slots)]
    exports = [name(str(i)) + b"\0" + leb(i) for i in range(slots)] + [name("$imports") + b"\1\0"]
    return (
        MODULE
        + section(1, b"\1\x60\0\1\x7f")
        + section(3, leb(slots) + b"\0" * slots)
        + section(4, b"\1\x70\1" + leb(slots) + leb(slots))
        + section(7, leb(len(exports)) + b"".join(exports))
        + section(10, leb(slots) + b"".join(bodies))
    )


def filler(slots):
    """The shim's other half: puts imported functions into the table."""
    imports = [name("") + name(str(i)) + b"\0\0" for i in range(slots)] + [name("") + name("$imports") + b"\1\x70\1" + leb(slots) + leb(slots)]
    return (
        MODULE
        + section(1, b"\1\x60\0\1\x7f")
        + section(2, leb(len(imports)) + b"".join(imports))
        + section(9, b"\1\0\x41\0\x0b" + leb(slots) + b"".join(leb(i) for i in range(slots)))
    )


def two_imports(called=(0,), tail=b"", module=None):
    """Imports a:b/one and a:b/two, calls only some of what they have, exports run: () -> u32."""
    main = module if module is not None else caller(("a:b/one", "f"), ("a:b/two", "f"), called=called, exports=("run", "spare"), tail=tail)
    return (
        PREAMBLE
        + types(INSTANCE_TYPE)
        + import_instance("a:b/one", 0)
        + types(INSTANCE_TYPE)
        + import_instance("a:b/two", 1)
        + alias_function(0)
        + alias_function(1)
        + lower(0)
        + lower(1)
        + core_module(main)
        + bundle(("f", 0, 0))
        + bundle(("f", 0, 1))
        + instantiate(0, ("a:b/one", 0), ("a:b/two", 1))
        + alias_core(2, "run")
        + types(FUNCTION_TYPE)
        + lift(2, 2)
        + export_function("run", 2)
    )


def by_shim(called=(0,)):
    """The same, with the imported functions put into the table of a shim, as it is done for those that need a memory."""
    return (
        PREAMBLE
        + types(INSTANCE_TYPE)
        + import_instance("a:b/one", 0)
        + types(INSTANCE_TYPE)
        + import_instance("a:b/two", 1)
        + core_module(caller(("s", "0"), ("s", "1"), called=called))
        + core_module(shim(2))
        + core_module(filler(2))
        + instantiate(1)
        + alias_core(0, "0")
        + alias_core(0, "1")
        + bundle(("0", 0, 0), ("1", 0, 1))
        + instantiate(0, ("s", 1))
        + alias_core(0, "$imports", 1)
        + alias_function(0)
        + alias_function(1)
        + lower(0)
        + lower(1)
        + bundle(("$imports", 1, 0), ("0", 0, 2), ("1", 0, 3))
        + instantiate(2, ("", 3))
        + alias_core(2, "run")
        + types(FUNCTION_TYPE)
        + lift(4, 2)
        + export_function("run", 2)
    )
