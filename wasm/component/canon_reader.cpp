#include "wasm/component/canon_reader.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint8_t k_i32 = 0x7f;
constexpr std::size_t k_most_parameters = 16;       // CanonicalABI.md: MAX_FLAT_PARAMS
constexpr std::size_t k_most_async_parameters = 4;  // MAX_FLAT_ASYNC_PARAMS
constexpr std::size_t k_most_results = 1;           // MAX_FLAT_RESULTS

}  // namespace

void CanonReader::need(Cursor& cursor, bool present, bool wanted, std::string_view option, std::uint64_t offset) {
  if (wanted && !present && cursor.ok())
    cursor.fail_at(ErrorCode::malformed, "canonical option `" + std::string(option) + "` is required", offset);
}

void CanonReader::set(Cursor& cursor, std::optional<std::uint32_t>& option, std::uint32_t value, std::string_view name,
                      std::uint64_t offset) {
  if (option && cursor.ok())
    cursor.fail_at(ErrorCode::malformed, "canonical option `" + std::string(name) + "` is specified more than once", offset);
  option = value;
}

std::uint8_t CanonReader::read_memory(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t memory = types_.read_reference(cursor, Sort::core_memory);
  if (!cursor.ok()) return k_i32;
  const CoreEntity& entity = types_.types().core_entities[memory];
  if (entity.is_shared) cursor.fail_at(ErrorCode::malformed, "mismatch in the shared flag for memories", offset);
  return entity.is_wide ? std::uint8_t{0x7e} : k_i32;
}

void CanonReader::read_option(Cursor& cursor, Options& options) {
  const std::uint64_t offset = cursor.offset();
  const auto flag = [&](bool& option, std::string_view name) {
    if (option) cursor.fail_at(ErrorCode::malformed, "canonical option `" + std::string(name) + "` is specified more than once", offset);
    option = true;
  };
  switch (const std::uint8_t code = cursor.byte(); code) {
    case 0x00:
    case 0x01:
    case 0x02:
      if (options.encoding) cursor.fail_at(ErrorCode::malformed, "canonical encoding option conflicts with an earlier one", offset);
      options.encoding = code;
      return;
    case 0x03:
      flag(options.has_memory, "memory");
      options.pointer = read_memory(cursor);
      return;
    case 0x04: return set(cursor, options.realloc, types_.read_reference(cursor, Sort::core_function), "realloc", offset);
    case 0x05: return set(cursor, options.post_return, types_.read_reference(cursor, Sort::core_function), "post-return", offset);
    case 0x06: return flag(options.is_async, "async");
    case 0x07: return set(cursor, options.callback, types_.read_reference(cursor, Sort::core_function), "callback", offset);
    case 0x08: {
      const std::uint32_t type = types_.read_reference(cursor, Sort::core_type);
      if (cursor.ok() && ((type & k_module_type) != 0 || types_.core_function(type).form != TypeForm::function))
        cursor.fail_at(ErrorCode::malformed, "canonical option `core type` must reference a core function type", offset);
      return set(cursor, options.core_type, type, "core type", offset);
    }
    case 0x09: return flag(options.is_gc, "gc");
    default: cursor.fail_at(ErrorCode::malformed, "unknown canonical option " + std::to_string(code), offset);
  }
}

CanonReader::Options CanonReader::read_options(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  Options options;
  const std::uint32_t count = cursor.count(10, "canonical options");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) read_option(cursor, options);
  if (cursor.ok()) check(cursor, options, offset);
  return options;
}

void CanonReader::check(Cursor& cursor, const Options& options, std::uint64_t offset) {
  const auto refuse = [&](std::string why) { cursor.fail_at(ErrorCode::malformed, std::move(why), offset); };
  if (options.callback && !options.is_async) return refuse("cannot specify callback without async");
  if (options.post_return && options.is_async) return refuse("cannot specify post-return function in async");
  if (options.core_type && !options.is_gc) return refuse("cannot specify `core-type` without `gc`");
  if (!options.realloc) return;
  if (!options.has_memory) return refuse("canonical option `realloc` requires `memory` to also be specified");
  const std::uint8_t pointer = options.pointer;
  if (*options.realloc != types_.types().core.intern_function({pointer, pointer, pointer, pointer}, {pointer}))
    refuse("canonical option `realloc` uses a core function with an incorrect signature");
}

void CanonReader::check_lower(Cursor& cursor, const Options& options, std::uint64_t offset) {
  if (!cursor.ok()) return;
  if (options.post_return) cursor.fail_at(ErrorCode::malformed, "canonical option `post-return` cannot be specified for lowerings", offset);
  if (options.callback && cursor.ok())
    cursor.fail_at(ErrorCode::malformed, "canonical option `callback` cannot be specified for lowerings", offset);
  if (options.is_gc && !options.core_type && cursor.ok())
    cursor.fail_at(ErrorCode::malformed, "cannot specify `gc` without also specifying a `core-type` for lowerings", offset);
}

void CanonReader::lower_parameters(Cursor& cursor, const Type& function, const Options& options, bool is_lift, std::uint64_t offset,
                                   Codes& out) {
  const std::size_t most = !is_lift && options.is_async ? k_most_async_parameters : k_most_parameters;
  bool has_pointer = false;
  bool fits = true;
  for (const Label& parameter : function.labels) {
    has_pointer |= types_.types().at(parameter.type).has_pointer;
    fits = fits && flatten(types_.types(), parameter.type, options.pointer, most, out);
  }
  if (!fits) out.assign(1, options.pointer);
  need(cursor, options.has_memory, !fits || (has_pointer && !is_lift), "memory", offset);
  need(cursor, options.realloc.has_value(), is_lift && (!fits || has_pointer), "realloc", offset);
}

void CanonReader::lower_type(Cursor& cursor, const Type& function, const Options& options, bool is_lift, std::uint64_t offset,
                             Codes& parameters, Codes& results) {
  lower_parameters(cursor, function, options, is_lift, offset, parameters);
  const bool has_result = function.first != k_no_type;
  const bool has_pointer = has_result && types_.types().at(function.first).has_pointer;
  need(cursor, options.realloc.has_value(), has_pointer && !is_lift, "realloc", offset);
  if (!options.is_async) {
    if (!has_result || flatten(types_.types(), function.first, options.pointer, k_most_results, results)) {
      need(cursor, options.has_memory, has_pointer, "memory", offset);
      return;
    }
    need(cursor, options.has_memory, true, "memory", offset);
    results.clear();
    (is_lift ? results : parameters).push_back(options.pointer);
    return;
  }
  if (!is_lift) {
    need(cursor, options.has_memory, has_result, "memory", offset);
    if (has_result) parameters.push_back(options.pointer);
    results.push_back(k_i32);
    return;
  }
  Codes returned;
  const bool fits = !has_result || flatten(types_.types(), function.first, options.pointer, k_most_parameters, returned);
  need(cursor, options.has_memory, !fits || has_pointer, "memory", offset);
  if (options.callback) results.push_back(k_i32);
}

void CanonReader::append_function(Cursor& cursor, const Codes& parameters, const Codes& results) {
  if (cursor.ok()) types_.append(cursor, Sort::core_function, types_.types().core.intern_function(parameters, results));
}

void CanonReader::read_lift(Cursor& cursor, std::uint64_t offset) {
  if (cursor.byte() != 0 && cursor.ok()) return cursor.fail_at(ErrorCode::malformed, "malformed lift", offset);
  const std::uint32_t core = types_.read_reference(cursor, Sort::core_function);
  const Options options = read_options(cursor);
  const TypeId type = types_.read_type_of(cursor, TypeKind::function);
  if (!cursor.ok()) return;
  CoreTypeStore& store = types_.types().core;
  const auto refuse = [&](std::string why) {
    if (cursor.ok()) cursor.fail_at(ErrorCode::malformed, std::move(why), offset);
  };
  if (options.post_return) {
    Codes gone;
    for (const CoreValueType& result : store.at(core).results) gone.push_back(result.code);
    if (*options.post_return != store.intern_function(gone, {}))
      refuse("canonical option `post-return` uses a core function with an incorrect signature");
  }
  if (options.callback && *options.callback != store.intern_function({k_i32, k_i32, k_i32}, {k_i32}))
    refuse("canonical option `callback` uses a core function with an incorrect signature");
  if (options.core_type) refuse("canonical option `core-type` is not allowed in `canon lift`");
  const Type function = types_.types().at(type);
  if (options.is_async && !function.is_async) refuse("the `async` canonical option requires an async function type");
  if (!options.is_gc) {
    Codes parameters;
    Codes results;
    lower_type(cursor, function, options, true, offset, parameters, results);
    const CoreTypeId lowered = store.intern_function(parameters, results);
    if (lowered != core) refuse("lowered function type " + store.describe(lowered) + " does not match " + store.describe(core));
  }
  types_.refuse_if(cursor, std::nullopt, offset);
  types_.append(cursor, Sort::function, type);
}

void CanonReader::read_lower(Cursor& cursor, std::uint64_t offset) {
  if (cursor.byte() != 0 && cursor.ok()) return cursor.fail_at(ErrorCode::malformed, "malformed lower", offset);
  const TypeId type = types_.read_reference(cursor, Sort::function);
  const Options options = read_options(cursor);
  check_lower(cursor, options, offset);
  if (!cursor.ok()) return;
  const Type function = types_.types().at(type);
  if (options.is_async && !function.is_async)
    return cursor.fail_at(ErrorCode::malformed, "the `async` canonical option requires an async function type", offset);
  if (options.is_gc) return types_.append(cursor, Sort::core_function, *options.core_type);
  Codes parameters;
  Codes results;
  lower_type(cursor, function, options, false, offset, parameters, results);
  types_.refuse_if(cursor, std::nullopt, offset);
  append_function(cursor, parameters, results);
}

void CanonReader::read(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t code = cursor.byte();
  if (!cursor.ok()) return;
  if (code == 0x00) return read_lift(cursor, offset);
  if (code == 0x01) return read_lower(cursor, offset);
  const bool known = read_resource_builtin(cursor, code, offset) || read_pipe_builtin(cursor, code, offset) ||
                     read_task_builtin(cursor, code, offset) || read_thread_builtin(cursor, code, offset);
  if (!known) cursor.fail_at(ErrorCode::malformed, "unknown canonical function " + std::to_string(code), offset);
}

}  // namespace davit::wasm
