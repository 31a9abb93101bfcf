// Runs modules before and after optimization and compares all that can be seen from outside: results and traps of exported
// functions, calls of imports with their arguments, exported memories, globals and tables after every call.
//
// Reads lines "BEFORE AFTER SEED" and answers each with one line of JSON: {"same": bool, "calls": N, "note": "…"}.
// Needs node --experimental-wasm-type-reflection, since imports are made up from their types.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const INTEGERS = [0, 1, -1, 2, 7, 8, 31, 32, 63, 255, 256, 65535, 65536, 0x7fffffff, -0x80000000, -2, 1000, 12345678];
const FLOATS = [0, -0, 1, -1, 0.5, 1.5, -2.75, 1e10, -1e-10, 3.4e38, Infinity, -Infinity, NaN, 2147483648, 4294967296.5];
const CALLS_PER_FUNCTION = 3;
const MAX_FUNCTIONS = 24;
const MAX_TABLE_ITEMS = 64;

function random(seed) {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
}

function made(type, next) {
  switch (type) {
    case "i32": return INTEGERS[next() % INTEGERS.length] | 0;
    case "i64": return BigInt(INTEGERS[next() % INTEGERS.length]) * (next() % 3 ? 1n : 4294967297n);
    case "f32": return Math.fround(FLOATS[next() % FLOATS.length]);
    case "f64": return FLOATS[next() % FLOATS.length];
    default: return null;
  }
}

function shown(value) {
  if (Array.isArray(value)) return "[" + value.map(shown).join(" ") + "]";
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "bigint") return value + "n";
  if (typeof value === "function") return "function";
  if (value !== null && typeof value === "object") return "object";
  return String(value);
}

class Run {
  constructor(module, seed) {
    this.trace = [];
    this.cut = false;  // the stack ran over: how deep it goes is the engine's business, nothing after it can be compared
    this.calls = 0;
    this.next = random(seed);
    this.start(module);
  }

  attempt(what, action) {
    try {
      this.trace.push(what + " = " + shown(action()));
    } catch (error) {
      if (error instanceof RangeError) this.cut = true;
      else if (error instanceof WebAssembly.RuntimeError) this.trace.push(what + " traps");
      else this.trace.push(what + " throws " + error.constructor.name);
    }
  }

  // An import of the same name behaves the same in every run, however many others there are.
  importFor({ module, name, kind, type }) {
    const label = module + "." + name;
    const next = random(createHash("sha1").update(label).digest().readUInt32LE(0));
    switch (kind) {
      case "function":
        return (...words) => {
          this.trace.push("call " + label + shown(words));
          const results = type.results.map((result) => made(result, next));
          return results.length > 1 ? results : results[0];
        };
      case "memory": return new WebAssembly.Memory(type);
      case "table": return new WebAssembly.Table(type);
      case "global": return new WebAssembly.Global(type, made(type.value, next) ?? undefined);
      default: throw new Error("an import of kind " + kind);
    }
  }

  start(module) {
    const imports = {};
    this.shared = [];
    for (const item of WebAssembly.Module.imports(module)) {
      imports[item.module] ??= {};
      const value = this.importFor(item);
      imports[item.module][item.name] = value;
      if (item.kind !== "function") this.shared.push([item.module + "." + item.name, value]);
    }
    this.attempt("instantiation", () => { this.instance = new WebAssembly.Instance(module, imports); return "ok"; });
  }

  // By name, since an import that the optimizer dropped cannot have been changed.
  state(names) {
    const items = [...Object.entries(this.instance.exports), ...this.shared.filter(([name]) => names.has(name))];
    items.sort(([one], [other]) => (one < other ? -1 : 1));
    for (const [name, value] of items) {
      if (value instanceof WebAssembly.Memory) this.trace.push(name + " " + createHash("sha1").update(new Uint8Array(value.buffer)).digest("hex"));
      else if (value instanceof WebAssembly.Table) {
        const present = [];
        for (let i = 0; i < Math.min(value.length, MAX_TABLE_ITEMS); ++i) present.push(value.get(i) === null ? 0 : 1);
        this.trace.push(name + " " + value.length + " " + present.join(""));
      } else if (value instanceof WebAssembly.Global) {
        let held = "hidden";
        try { held = shown(value.value); } catch { /* v128 */ }
        this.trace.push(name + " " + held);
      }
    }
  }

  all(module, names) {
    if (!this.instance || this.cut) return this;
    const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
    functions.sort((one, other) => (one.name < other.name ? -1 : 1));
    this.state(names);
    for (const { name, type: { parameters } } of functions.slice(0, MAX_FUNCTIONS)) {
      const value = this.instance.exports[name];
      for (let i = 0; i < CALLS_PER_FUNCTION && !this.cut; ++i) {
        const words = parameters.map((type) => made(type, this.next));
        this.attempt(name + shown(words), () => value(...words));
        this.calls++;
      }
    }
    if (!this.cut) this.state(names);
    return this;
  }
}

function compare(before, after, seed) {
  const modules = [before, after].map((path) => new WebAssembly.Module(readFileSync(path)));
  const imports = WebAssembly.Module.imports(modules[0]);
  const skipped = (why) => ({ same: true, calls: 0, traps: 0, skipped: why });
  if (new Set(imports.map((item) => item.module + "." + item.name)).size !== imports.length) return skipped("imports a name twice");
  const kinds = ["i32", "i64", "f32", "f64", "externref"];
  if (imports.some(({ kind, type }) => kind === "global" && !kinds.includes(type.value))) return skipped("imports a global that cannot be made here");
  const kept = new Set(WebAssembly.Module.imports(modules[1]).map((item) => item.module + "." + item.name));
  const runs = modules.map((module) => new Run(module, seed).all(module, kept));
  const cut = runs.some((run) => run.cut);
  if (runs[0].trace[0]?.endsWith("LinkError")) return skipped("cannot be linked here");
  const length = cut ? Math.min(...runs.map((run) => run.trace.length)) : Math.max(...runs.map((run) => run.trace.length));
  for (let i = 0; i < length; ++i) {
    const [was, is] = runs.map((run) => run.trace[i]);
    if (was !== is) return { same: false, calls: runs[0].calls, note: `step ${i}: ${was} / ${is}` };
  }
  const traps = runs[0].trace.filter((line) => line.endsWith("traps")).length;
  return { same: true, calls: runs[0].calls, traps, cut, note: runs[0].trace[0] };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [before, after, seed] = line.split(" ");
  let answer;
  try {
    answer = compare(before, after, Number(seed));
  } catch (error) {
    answer = { same: false, calls: 0, note: String(error) };
  }
  console.log(JSON.stringify(answer));
}
