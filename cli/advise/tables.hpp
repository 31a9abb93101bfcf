// What is known by name: programs that keep state, languages, system calls and libraries.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/advise/findings.hpp"

namespace davit::cli::advise {

struct Known {
  std::string_view name;
  Weight weight;
  std::string_view means;  ///< ends a sentence about it
};

/// By the name of a program or image, without folders, versions and tags.
const Known* known_program(std::string_view name);
/// A language's runtime: `python3.11` is found as python.
const Known* known_runtime(std::string_view name);
/// By the name of a libc function.
const Known* known_symbol(std::string_view name);
/// By the name of a shared library: `libssl.so.3`.
const Known* known_library(std::string_view name);
/// By the import path of a Go module.
const Known* known_go_module(std::string_view path);
/// By the name of a Go function; these names are worth looking for.
const Known* known_go_function(std::string_view name);
std::span<const std::string_view> go_function_names();
/// True for launchers that start the program named by their arguments.
bool is_launcher(std::string_view name);
bool is_shell(std::string_view name);
std::span<const std::string_view> shell_names();

}  // namespace davit::cli::advise
