// The built-in functions among the canonical definitions. Each makes one core function of a fixed signature.

#include "wasm/component/canon_reader.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint8_t k_i32 = 0x7f;
constexpr std::uint8_t k_i64 = 0x7e;

}  // namespace

void CanonReader::read_flag(Cursor& cursor) {
  if (cursor.byte() > 1 && cursor.ok()) cursor.malformed("malformed flag byte");
}

bool CanonReader::read_resource_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset) {
  if (code < 0x02 || code > 0x04) return false;
  const TypeId type = types_.read_type_of(cursor, TypeKind::resource);
  if (!cursor.ok()) return true;
  if (code == 0x03) {
    append_function(cursor, {k_i32}, {});
    return true;
  }
  const auto local = types_.scope().defined.find(types_.types().at(type).resource);
  if (local == types_.scope().defined.end() || local->second == 0) {
    cursor.fail_at(ErrorCode::malformed, "the type is not a local resource", offset);
    return true;
  }
  if (code == 0x02) append_function(cursor, {local->second}, {k_i32});
  else append_function(cursor, {k_i32}, {local->second});
  return true;
}

// stream.read 0f, stream.write 10, future.read 16, future.write 17.
void CanonReader::read_transfer(Cursor& cursor, std::uint8_t code, std::uint64_t offset) {
  const bool is_stream = code < 0x15;
  const bool is_read = code == 0x0f || code == 0x16;
  const TypeId type = types_.read_type_of(cursor, is_stream ? TypeKind::stream : TypeKind::future);
  const Options options = read_options(cursor);
  check_lower(cursor, options, offset);
  if (!cursor.ok()) return;
  const TypeId payload = types_.types().at(type).first;
  need(cursor, options.has_memory, payload != k_no_type, "memory", offset);
  const bool has_pointer = payload != k_no_type && types_.types().at(payload).has_pointer;
  need(cursor, options.realloc.has_value(), is_read && has_pointer, "realloc", offset);
  if (options.core_type && cursor.ok()) return types_.append(cursor, Sort::core_function, *options.core_type);
  const std::uint8_t pointer = options.pointer;
  if (is_stream) append_function(cursor, {k_i32, pointer, pointer}, {pointer});
  else append_function(cursor, {k_i32, pointer}, {k_i32});
}

// Streams 0e to 14 and futures 15 to 1b, in the same order: new, read, write, cancel-read, cancel-write, drop twice.
bool CanonReader::read_pipe_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset) {
  if (code < 0x0e || code > 0x1b) return false;
  const unsigned operation = (code - 0x0eU) % 7;
  if (operation == 1 || operation == 2) {
    read_transfer(cursor, code, offset);
    return true;
  }
  (void)types_.read_type_of(cursor, code < 0x15 ? TypeKind::stream : TypeKind::future);
  if (operation == 0) {
    append_function(cursor, {}, {k_i64});
  } else if (operation <= 4) {
    read_flag(cursor);
    append_function(cursor, {k_i32}, {k_i32});
  } else {
    append_function(cursor, {k_i32}, {});
  }
  return true;
}

void CanonReader::read_task_return(Cursor& cursor, std::uint64_t offset) {
  const std::uint8_t form = cursor.byte();
  Type function{.kind = TypeKind::function};
  if (form == 0) function.labels.push_back({.name = "v", .type = types_.read_value_type(cursor)});
  else if (cursor.ok() && (form != 1 || cursor.byte() != 0)) return cursor.fail_at(ErrorCode::malformed, "malformed task result", offset);
  const Options options = read_options(cursor);
  if (!cursor.ok()) return;
  if (form == 0 && types_.types().at(function.labels[0].type).has_borrow)
    return cursor.fail_at(ErrorCode::malformed, "`task.return` result cannot contain a `borrow` type", offset);
  if (options.realloc) return cursor.fail_at(ErrorCode::malformed, "cannot specify `realloc` option on `task.return`", offset);
  if (options.is_async) return cursor.fail_at(ErrorCode::malformed, "cannot specify `async` option on `task.return`", offset);
  check_lower(cursor, options, offset);
  if (options.core_type) return types_.append(cursor, Sort::core_function, *options.core_type);
  Codes parameters;
  Codes results;
  lower_type(cursor, function, options, false, offset, parameters, results);
  append_function(cursor, parameters, results);
}

void CanonReader::read_context(Cursor& cursor, bool is_write, std::uint64_t offset) {
  const std::uint8_t type = cursor.byte();
  if (cursor.ok() && type != k_i32 && type != k_i64)
    return cursor.fail_at(ErrorCode::malformed, "context values are `i32` or `i64`", offset);
  const std::uint32_t slot = cursor.u32();
  if (cursor.ok() && slot > 1)
    return cursor.fail_at(ErrorCode::malformed, "context has the slots 0 and 1, not " + std::to_string(slot), offset);
  std::uint8_t& known = types_.scope().context_type;
  if (cursor.ok() && known != 0 && known != type)
    return cursor.fail_at(ErrorCode::malformed, "the context type must match the previous one", offset);
  known = type;
  if (is_write) append_function(cursor, {type}, {});
  else append_function(cursor, {}, {type});
}

bool CanonReader::read_task_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset) {
  switch (code) {
    case 0x05: append_function(cursor, {}, {}); return true;
    case 0x06:
      read_flag(cursor);
      append_function(cursor, {k_i32}, {k_i32});
      return true;
    case 0x08: append_function(cursor, {k_i32}, {}); return true;
    case 0x09: read_task_return(cursor, offset); return true;
    case 0x0a:
    case 0x0b: read_context(cursor, code == 0x0b, offset); return true;
    case 0x0c:
      read_flag(cursor);
      append_function(cursor, {}, {k_i32});
      return true;
    case 0x0d:
    case 0x1e:
    case 0x22: append_function(cursor, {k_i32}, {}); return true;
    case 0x1c:
    case 0x1d: {
      const Options options = read_options(cursor);
      check_lower(cursor, options, offset);
      need(cursor, options.has_memory, true, "memory", offset);
      need(cursor, options.realloc.has_value(), code == 0x1d, "realloc", offset);
      if (code == 0x1c) append_function(cursor, {options.pointer, options.pointer}, {k_i32});
      else append_function(cursor, {k_i32, options.pointer}, {});
      return true;
    }
    case 0x1f: append_function(cursor, {}, {k_i32}); return true;
    case 0x20:
    case 0x21: {
      read_flag(cursor);
      const std::uint8_t pointer = read_memory(cursor);
      append_function(cursor, {k_i32, pointer}, {k_i32});
      return true;
    }
    case 0x23: append_function(cursor, {k_i32, k_i32}, {}); return true;
    case 0x24:
    case 0x25: append_function(cursor, {}, {}); return true;
    default: return false;
  }
}

// thread.new-indirect 27, thread.spawn-ref 40, thread.spawn-indirect 41.
void CanonReader::read_spawn(Cursor& cursor, bool has_table, bool has_flag, std::uint64_t offset) {
  if (has_flag) read_flag(cursor);
  const std::uint32_t type = types_.read_reference(cursor, Sort::core_type);
  const std::uint32_t table = has_table ? types_.read_reference(cursor, Sort::core_table) : 0;
  if (!cursor.ok()) return;
  if ((type & k_module_type) != 0 || types_.core_function(type).form != TypeForm::function)
    return cursor.fail_at(ErrorCode::malformed, "start type must be a function", offset);
  const CoreType& function = types_.core_function(type);
  const bool takes_one = function.fields.size() == 1 && (function.fields[0].type.code == k_i32 || function.fields[0].type.code == k_i64);
  if (!takes_one || !function.results.empty())
    return cursor.fail_at(ErrorCode::malformed, "start function must take a single `i32` argument and return nothing", offset);
  const std::uint8_t argument = function.fields[0].type.code;
  if (!has_table) return append_function(cursor, {k_i32, argument}, {k_i32});
  const CoreEntity& entity = types_.types().core_entities[table];
  if (entity.value.heap != -0x70) return cursor.fail_at(ErrorCode::malformed, "the table is not a table of (ref null (func))", offset);
  append_function(cursor, {entity.is_wide ? k_i64 : k_i32, argument}, {k_i32});
}

bool CanonReader::read_thread_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset) {
  switch (code) {
    case 0x26: append_function(cursor, {}, {k_i32}); return true;
    case 0x2e:
    case 0x2f:
      (void)types_.read_type_of(cursor, code == 0x2e ? TypeKind::stream : TypeKind::future);
      append_function(cursor, {k_i32, k_i32}, {});
      return true;
    case 0x27: read_spawn(cursor, true, false, offset); return true;
    case 0x28: append_function(cursor, {k_i32}, {}); return true;
    case 0x29:
      read_flag(cursor);
      append_function(cursor, {}, {k_i32});
      return true;
    case 0x2a:
    case 0x2b:
    case 0x2c:
    case 0x2d:
      read_flag(cursor);
      append_function(cursor, {k_i32}, {k_i32});
      return true;
    case 0x40: read_spawn(cursor, false, true, offset); return true;
    case 0x41: read_spawn(cursor, true, true, offset); return true;
    case 0x42:
      read_flag(cursor);
      append_function(cursor, {}, {k_i32});
      return true;
    default: return false;
  }
}

}  // namespace davit::wasm
