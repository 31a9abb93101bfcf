// Where the bytes of a file are, for people and for scripts.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "manifests/json.hpp"
#include "wasm/size/profile.hpp"

namespace davit::cli {

struct SizeSum {
  std::uint64_t size = 0;
  std::uint64_t count = 0;
  friend bool operator==(const SizeSum&, const SizeSum&) = default;
};
using SizeTable = std::map<std::string, SizeSum, std::less<>>;

/// The sizes of a file by name, nested modules added up: what two files are compared by.
struct SizeTotals {
  std::uint64_t total = 0;
  SizeTable sections{};
  SizeTable packages{};   ///< crates, packages and namespaces, by bytes of functions
  SizeTable functions{};  ///< by readable name; those without a name are one entry
};

SizeTotals size_totals(const wasm::SizeProfile& profile);

/// A readable name of one item: `core::fmt::write`, `function 12`, `segment 0`.
std::string item_name(const wasm::SizeItem& item);

/// @param top  how many functions, packages and segments are listed
std::string size_text(const wasm::SizeProfile& profile, const std::string& name, std::size_t top);
Json size_json(const wasm::SizeProfile& profile, std::size_t top);

}  // namespace davit::cli
