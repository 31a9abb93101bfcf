// Canonical definitions (component-model Binary.md, "Canonical Definitions"; CanonicalABI.md): functions lifted from
// core code, functions lowered to it, and the built-in functions.
#pragma once

#include "wasm/component_types.hpp"

namespace davit::wasm {

class CanonReader {
 public:
  CanonReader(ComponentTypeReader& types, const Limits& limits) : types_(types), limits_(limits) {}

  /// One entry of a canon section; appends what it defines.
  void read(Cursor& cursor);

 private:
  using Codes = std::vector<std::uint8_t>;

  struct Options {
    std::optional<std::uint8_t> encoding{};
    bool has_memory = false;
    bool is_async = false;
    bool is_gc = false;
    std::uint8_t pointer = 0x7f;
    std::optional<std::uint32_t> realloc{};  ///< CoreTypeIds of the functions
    std::optional<std::uint32_t> post_return{};
    std::optional<std::uint32_t> callback{};
    std::optional<std::uint32_t> core_type{};
  };

  Options read_options(Cursor& cursor);
  void read_option(Cursor& cursor, Options& options);
  void set(Cursor& cursor, std::optional<std::uint32_t>& option, std::uint32_t value, std::string_view name, std::uint64_t offset);
  void check(Cursor& cursor, const Options& options, std::uint64_t offset);
  std::uint8_t read_memory(Cursor& cursor);
  void check_lower(Cursor& cursor, const Options& options, std::uint64_t offset);
  void need(Cursor& cursor, bool present, bool wanted, std::string_view option, std::uint64_t offset);

  void read_lift(Cursor& cursor, std::uint64_t offset);
  void read_lower(Cursor& cursor, std::uint64_t offset);
  /// The core signature of a function, and whether the options suffice for it.
  void lower_type(Cursor& cursor, const Type& function, const Options& options, bool is_lift, std::uint64_t offset, Codes& parameters,
                  Codes& results);
  void lower_parameters(Cursor& cursor, const Type& function, const Options& options, bool is_lift, std::uint64_t offset, Codes& out);
  void append_function(Cursor& cursor, const Codes& parameters, const Codes& results);

  bool read_resource_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset);
  bool read_pipe_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset);
  bool read_task_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset);
  bool read_thread_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset);
  void read_transfer(Cursor& cursor, std::uint8_t code, std::uint64_t offset);
  void read_task_return(Cursor& cursor, std::uint64_t offset);
  void read_context(Cursor& cursor, bool is_write, std::uint64_t offset);
  void read_spawn(Cursor& cursor, bool has_table, bool has_flag, std::uint64_t offset);
  void read_flag(Cursor& cursor);

  ComponentTypeReader& types_;
  const Limits& limits_;
};

/// Core values that stand for a value of a type (CanonicalABI.md, "Flattening").
/// @return false once there are more than `most`
bool flatten(const TypeStore& types, TypeId type, std::uint8_t pointer, std::size_t most, std::vector<std::uint8_t>& out);

}  // namespace davit::wasm
