// Custom sections that say something about a module or component: name, producers, target_features, and the text
// sections of wasm-metadata. What they hold is a claim: broken contents are left out and never fail the file.
#pragma once

#include "wasm/summary.hpp"

namespace davit::wasm {

/// Adds what one custom section says to the summary.
void read_metadata(const SectionView& section, BinarySummary& summary, const Limits& limits);

/// Content of a `target_features` section with these features.
Bytes make_target_features(const std::vector<std::string>& features);

}  // namespace davit::wasm
