"""Small valid wasm files made from bytes."""

import random


def leb(number):
    out = b""
    while True:
        low, number = number & 0x7F, number >> 7
        out += bytes([low | (0x80 if number else 0)])
        if not number:
            return out


def custom_section(name, payload):
    body = leb(len(name)) + name.encode() + payload
    return b"\0" + leb(len(body)) + body


def module(size=0, seed=1, **sections):
    """A module with text sections and, when `size` is given, one section of seeded noise."""
    out = b"\0asm\x01\0\0\0"
    for name, text in sections.items():
        out += custom_section(name, text.encode())
    if size:
        out += custom_section("noise", random.Random(seed).randbytes(size))
    return out
