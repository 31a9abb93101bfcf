// The program text that a Workers folder gets beside its module: a host for WASI preview 1 that has nothing outside but
// one request. Kept as text here, because a package must not depend on files of an installation.
#include "oci/formats/workers_script.hpp"

namespace davit::oci {

std::string_view workers_wasi() {
  return R"JS(// WASI preview 1 for one request: words, variables, read-only files, standard streams, clocks and random numbers.
const OK = 0, BADF = 8, INVAL = 28, ISDIR = 31, NOENT = 44, NOSYS = 52, NOTDIR = 54, ROFS = 69;
const FILE = 4, FOLDER = 3, CHARACTERS = 2;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Exit extends Error {
  constructor(code) {
    super(`the module ended with status ${code}`);
    this.code = code;
  }
}

// "a/./b/../c" -> "a/c"; undefined when it leaves the root.
function normal(path) {
  const out = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && out.length === 0) return undefined;
    if (part === "..") out.pop();
    else out.push(part);
  }
  return out.join("/");
}

export class Wasi {
  // files: Map of path without leading slash -> Uint8Array
  constructor({ args, env, files, input }) {
    this.args = args.map((word) => encoder.encode(`${word}\0`));
    this.env = Object.entries(env).map(([name, value]) => encoder.encode(`${name}=${value}\0`));
    this.files = files;
    this.folders = new Set([""]);
    for (const path of files.keys()) {
      for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) this.folders.add(path.slice(0, at));
    }
    this.output = [];
    this.errors = "";
    this.open = new Map([
      [0, { kind: CHARACTERS, data: input, at: 0 }],
      [1, { kind: CHARACTERS }],
      [2, { kind: CHARACTERS }],
      [3, { kind: FOLDER, path: "" }],
    ]);
    this.next = 4;
    this.memory = undefined;
  }

  view() {
    return new DataView(this.memory.buffer);
  }
  bytes(at, size) {
    return new Uint8Array(this.memory.buffer, at, size);
  }
  text(at, size) {
    return decoder.decode(this.bytes(at, size).slice());
  }

  putList(list, pointers, buffer) {
    for (const item of list) {
      this.view().setUint32(pointers, buffer, true);
      this.bytes(buffer, item.length).set(item);
      pointers += 4;
      buffer += item.length;
    }
    return OK;
  }
  putSizes(list, count, size) {
    this.view().setUint32(count, list.length, true);
    this.view().setUint32(size, list.reduce((sum, item) => sum + item.length, 0), true);
    return OK;
  }

  vectors(at, count) {
    const view = this.view();
    return Array.from({ length: count }, (_, i) => this.bytes(view.getUint32(at + 8 * i, true), view.getUint32(at + 8 * i + 4, true)));
  }
  readAt(entry, at, iovs, count, result) {
    let total = 0;
    for (const into of this.vectors(iovs, count)) {
      const part = entry.data.subarray(at + total, at + total + into.length);
      into.set(part);
      total += part.length;
      if (part.length < into.length) break;
    }
    this.view().setUint32(result, total, true);
    return total;
  }

  putStat(at, kind, size) {
    const view = this.view();
    for (let i = 0; i < 64; i += 8) view.setBigUint64(at + i, 0n, true);
    view.setUint8(at + 16, kind);
    view.setBigUint64(at + 24, 1n, true);
    view.setBigUint64(at + 32, BigInt(size), true);
    return OK;
  }

  // Path below an open folder, or an error number.
  resolve(fd, at, size) {
    const folder = this.open.get(fd);
    if (!folder) return BADF;
    if (folder.kind !== FOLDER) return NOTDIR;
    const path = normal(`${folder.path}/${this.text(at, size)}`);
    if (path === undefined) return NOENT;
    return this.files.has(path) || this.folders.has(path) ? path : NOENT;
  }

  children(folder) {
    const prefix = folder === "" ? "" : `${folder}/`;
    const names = new Map();
    for (const [paths, kind] of [[this.folders, FOLDER], [this.files.keys(), FILE]]) {
      for (const path of paths) {
        const name = path.slice(prefix.length);
        if (path !== folder && path.startsWith(prefix) && name !== "" && !name.includes("/")) names.set(name, kind);
      }
    }
    return [...names].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  calls() {
    return { ...this.plainCalls(), ...this.streamCalls(), ...this.stateCalls(), ...this.folderCalls() };
  }

  plainCalls() {
    return {
      args_get: (pointers, buffer) => this.putList(this.args, pointers, buffer),
      args_sizes_get: (count, size) => this.putSizes(this.args, count, size),
      environ_get: (pointers, buffer) => this.putList(this.env, pointers, buffer),
      environ_sizes_get: (count, size) => this.putSizes(this.env, count, size),
      clock_res_get: (_clock, result) => (this.view().setBigUint64(result, 1000000n, true), OK),
      clock_time_get: (_clock, _precision, result) => (this.view().setBigUint64(result, BigInt(Date.now()) * 1000000n, true), OK),
      random_get: (at, size) => {
        for (let done = 0; done < size; done += 65536) crypto.getRandomValues(this.bytes(at + done, Math.min(65536, size - done)));
        return OK;
      },
      sched_yield: () => OK,
      proc_exit: (code) => {
        throw new Exit(code);
      },
    };
  }

  streamCalls() {
    return {
      fd_write: (fd, iovs, count, result) => {
        if (!this.open.has(fd)) return BADF;
        if (fd !== 1 && fd !== 2) return ROFS;
        let total = 0;
        for (const part of this.vectors(iovs, count)) {
          if (fd === 1) this.output.push(part.slice());
          else this.errors += decoder.decode(part.slice());
          total += part.length;
        }
        this.view().setUint32(result, total, true);
        return OK;
      },
      fd_read: (fd, iovs, count, result) => {
        const entry = this.open.get(fd);
        if (!entry) return BADF;
        if (entry.kind === FOLDER) return ISDIR;
        if (!entry.data) return BADF;
        entry.at += this.readAt(entry, entry.at, iovs, count, result);
        return OK;
      },
      fd_pread: (fd, iovs, count, offset, result) => {
        const entry = this.open.get(fd);
        if (!entry || entry.kind !== FILE) return BADF;
        this.readAt(entry, Number(offset), iovs, count, result);
        return OK;
      },
      fd_seek: (fd, offset, whence, result) => {
        const entry = this.open.get(fd);
        if (!entry || entry.kind !== FILE) return BADF;
        const at = [0, entry.at, entry.data.length][whence] + Number(offset);
        if (!(at >= 0)) return INVAL;
        entry.at = at;
        this.view().setBigUint64(result, BigInt(at), true);
        return OK;
      },
      fd_tell: (fd, result) => {
        const entry = this.open.get(fd);
        if (!entry || entry.kind !== FILE) return BADF;
        this.view().setBigUint64(result, BigInt(entry.at), true);
        return OK;
      },
    };
  }

  stateCalls() {
    return {
      fd_close: (fd) => (this.open.delete(fd) ? OK : BADF),
      fd_fdstat_get: (fd, result) => {
        const entry = this.open.get(fd);
        if (!entry) return BADF;
        const view = this.view();
        view.setUint8(result, entry.kind);
        view.setUint16(result + 2, 0, true);
        const rights = entry.kind === CHARACTERS ? 0x8000000n | (fd === 0 ? 2n : 64n) : 0x1fffffffn;
        view.setBigUint64(result + 8, rights, true);
        view.setBigUint64(result + 16, rights, true);
        return OK;
      },
      fd_fdstat_set_flags: (fd) => (this.open.has(fd) ? OK : BADF),
      fd_filestat_get: (fd, result) => {
        const entry = this.open.get(fd);
        return entry ? this.putStat(result, entry.kind, entry.kind === FILE ? entry.data.length : 0) : BADF;
      },
    };
  }

  folderCalls() {
    return {
      fd_prestat_get: (fd, result) => {
        if (fd !== 3) return BADF;
        this.view().setUint32(result, 0, true);
        this.view().setUint32(result + 4, 1, true);
        return OK;
      },
      fd_prestat_dir_name: (fd, at) => {
        if (fd !== 3) return BADF;
        this.bytes(at, 1)[0] = 47;
        return OK;
      },
      fd_readdir: (fd, at, size, cookie, result) => {
        const entry = this.open.get(fd);
        if (!entry || entry.kind !== FOLDER) return BADF;
        let used = 0;
        const all = this.children(entry.path);
        for (let i = Number(cookie); i < all.length && used < size; ++i) {
          const name = encoder.encode(all[i][0]);
          const record = new Uint8Array(24 + name.length);
          const view = new DataView(record.buffer);
          view.setBigUint64(0, BigInt(i + 1), true);
          view.setUint32(16, name.length, true);
          view.setUint8(20, all[i][1]);
          record.set(name, 24);
          const part = record.subarray(0, size - used);
          this.bytes(at + used, part.length).set(part);
          used += part.length;
        }
        this.view().setUint32(result, used, true);
        return OK;
      },
      path_open: (fd, _lookup, at, size, flags, _rights, _inheriting, _fdflags, result) => {
        const path = this.resolve(fd, at, size);
        if (typeof path === "number") return path === NOENT && (flags & 1) !== 0 ? ROFS : path;
        const data = this.files.get(path);
        if (data && (flags & 2) !== 0) return NOTDIR;
        if ((flags & 8) !== 0) return ROFS;
        this.open.set(this.next, data ? { kind: FILE, data, at: 0 } : { kind: FOLDER, path });
        this.view().setUint32(result, this.next++, true);
        return OK;
      },
      path_filestat_get: (fd, _lookup, at, size, result) => {
        const path = this.resolve(fd, at, size);
        if (typeof path === "number") return path;
        const data = this.files.get(path);
        return this.putStat(result, data ? FILE : FOLDER, data ? data.length : 0);
      },
    };
  }

  // Imports of a module: what is not here answers "no such function"; what is no WASI fails when it is called.
  imports(module) {
    const calls = this.calls();
    const out = {};
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      if (kind !== "function") throw new Error(`the module imports the ${kind} ${from}.${name}, which this host does not have`);
      const isWasi = from === "wasi_snapshot_preview1" || from === "wasi_unstable";
      out[from] ??= {};
      out[from][name] = isWasi
        ? calls[name] ?? (() => NOSYS)
        : () => {
            throw new Error(`the module called ${from}.${name}, which this host does not have`);
          };
    }
    return out;
  }

  start(module) {
    const instance = new WebAssembly.Instance(module, this.imports(module));
    this.memory = instance.exports.memory;
    return instance;
  }
}
)JS";
}

std::string_view workers_index() {
  return R"JS(import module from "./module.wasm";
import { program, files } from "./package.js";
import { Exit, Wasi } from "./wasi.js";

// A program is run once per request, as CGI does: the request is its environment and standard input, standard output is
// the answer, which may begin with header lines. A library answers /NAME/ARGUMENT/... with what its function returns.
export default {
  async fetch(request) {
    const names = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function").map(({ name }) => name);
    try {
      return names.includes("_start") ? await run(request) : call(request, names);
    } catch (error) {
      console.error(error.stack ?? String(error));
      return new Response("the module failed\n", { status: 500 });
    }
  },
};

function variables(request) {
  const url = new URL(request.url);
  const out = {
    ...program.env,
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_NAME: url.hostname,
    REQUEST_METHOD: request.method,
    PATH_INFO: url.pathname,
    QUERY_STRING: url.search.slice(1),
  };
  for (const [name, value] of request.headers) {
    const key = name.toUpperCase().replaceAll("-", "_");
    if (key === "PROXY") continue; // would become HTTP_PROXY, which programs trust
    out[key === "CONTENT_TYPE" || key === "CONTENT_LENGTH" ? key : `HTTP_${key}`] = value;
  }
  return out;
}

async function run(request) {
  const input = new Uint8Array(await request.arrayBuffer());
  const wasi = new Wasi({ args: program.args, env: variables(request), files, input });
  let status = 0;
  try {
    wasi.start(module).exports._start();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    status = error.code;
  }
  if (wasi.errors !== "") console.error(wasi.errors);
  if (status !== 0) return new Response(`the module ended with status ${status}\n`, { status: 500 });
  return answer(wasi.output);
}

function joined(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

// Header lines, when there are any, end with an empty line.
function answer(parts) {
  const output = joined(parts);
  const head = /^((?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\r?\n)+)\r?\n/.exec(new TextDecoder("latin1").decode(output.subarray(0, 16384)));
  if (!head) return new Response(output, { headers: { "content-type": "text/plain; charset=utf-8" } });
  const headers = new Headers();
  let status = 200;
  for (const line of head[1].trimEnd().split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "status") status = Number.parseInt(value, 10) || 500;
    else headers.append(name, value);
  }
  const empty = status === 204 || status === 304;
  return new Response(empty ? null : output.subarray(head[0].length), { status, headers });
}

function call(request, names) {
  const [name, ...words] = new URL(request.url).pathname.split("/").filter((part) => part !== "").map(decodeURIComponent);
  const functions = names.filter((each) => !each.startsWith("_"));
  if (name === undefined) return Response.json({ functions });
  if (!functions.includes(name)) return Response.json({ error: `no function ${name}`, functions }, { status: 404 });
  const wasi = new Wasi({ args: program.args, env: program.env, files, input: new Uint8Array(0) });
  const { exports } = wasi.start(module);
  exports._initialize?.();
  // Whole numbers past what a double holds are meant for i64.
  const numbers = words.map((word) => (/^-?\d+n$/.test(word) ? BigInt(word.slice(0, -1)) : Number(word)));
  const result = exports[name](...numbers);
  return Response.json({ result: typeof result === "bigint" ? result.toString() : result ?? null });
}
)JS";
}

}  // namespace davit::oci
