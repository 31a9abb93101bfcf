// Collects what the rules ask about from a store or a file. The wasm file is fetched only when it is asked for.
#pragma once

#include <string>

#include "cli/explain/facts.hpp"
#include "oci/repository.hpp"

namespace davit::cli::explain {

/// Manifest and configuration; of an image that could be a proxy plugin, the names in its last layer.
/// Errors: those of detection and of the store
Result<Facts> gather_facts(oci::Repository& repository, const std::string& selector, bool for_proxies);

/// Reads the wasm file into `facts.module`; what cannot be read as one is said in `facts.module_problem`.
/// Errors: those of the store
Result<void> gather_module(oci::Repository& repository, Facts& facts);

/// Facts of a file that is in no store. Errors: as wasm::summarize, io
Result<Facts> facts_of_file(const std::string& path);

}  // namespace davit::cli::explain
