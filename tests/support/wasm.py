"""Small modules and components built byte by byte."""

import random

MODULE = b"\0asm\1\0\0\0"
COMPONENT = b"\0asm\x0d\0\1\0"


def leb(number):
    out = b""
    while True:
        low, number = number & 0x7F, number >> 7
        out += bytes([low | (0x80 if number else 0)])
        if not number:
            return out


def section(identifier, payload):
    return bytes([identifier]) + leb(len(payload)) + payload


def name(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return leb(len(raw)) + raw


def custom(label, content):
    return section(0, name(label) + content)


def module(size=0, seed=1, **sections):
    """A module with text sections and, when `size` is given, one section of seeded noise."""
    out = MODULE
    for label, text in sections.items():
        out += custom(label, text.encode())
    if size:
        out += custom("noise", random.Random(seed).randbytes(size))
    return out


def importing(*imports):
    """A module that imports functions and does nothing."""
    entries = b"".join(name(module) + name(field) + b"\0\0" for module, field in imports)
    return MODULE + section(1, b"\1\x60\0\0") + section(2, leb(len(imports)) + entries)


def adding(count=200):
    """A module whose exported function adds a constant many times; Binaryen folds it."""
    body = b"\0" + b"\x41\x01" + b"\x41\x01\x6a" * count + b"\x0b"
    return (
        MODULE
        + section(1, b"\1\x60\0\1\x7f")
        + section(3, b"\1\0")
        + section(7, b"\1" + name("run") + b"\0\0")
        + section(10, b"\1" + leb(len(body)) + body)
    )


def component(inner):
    return COMPONENT + section(1, inner)
