#include "cli/output/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"

namespace davit::cli {
namespace {

constexpr auto k_redraw_every = std::chrono::milliseconds(80);
constexpr std::size_t k_max_lines = 12;  // more would scroll and could not be redrawn
constexpr std::size_t k_bar_width = 24;

enum class Stage { running, done, skipped };

struct Line {
  std::string digest;
  std::string label;
  std::uint64_t total;
  std::uint64_t bytes = 0;
  Stage stage = Stage::running;
};

std::string bar(const Line& line) {
  const std::uint64_t total = std::max<std::uint64_t>(line.total, 1);
  const std::size_t filled =
      line.stage == Stage::running ? std::min<std::uint64_t>(k_bar_width, line.bytes * k_bar_width / total) : k_bar_width;
  return "[" + std::string(filled, '=') + std::string(k_bar_width - filled, ' ') + "]";
}

}  // namespace

struct Progress::State {
  bool shows = false;
  const Context* context = nullptr;
  std::vector<Line> lines{};
  std::size_t drawn = 0;
  std::chrono::steady_clock::time_point last{};

  Line& line_of(const Descriptor& what) {
    for (Line& line : lines) {
      if (line.digest == what.digest.text()) return line;
    }
    const auto title = what.annotations.find(std::string(annotation::k_title));
    const std::string label = title == what.annotations.end() ? what.digest.brief() : printable(title->second, 30);
    lines.push_back({.digest = what.digest.text(), .label = label, .total = what.size});
    return lines.back();
  }

  void draw(bool now) {
    if (!shows) return;
    const auto time = std::chrono::steady_clock::now();
    if (!now && time - last < k_redraw_every) return;
    last = time;
    std::string out;
    if (drawn > 0) out += "\x1b[" + std::to_string(drawn) + "A";
    const std::size_t first = lines.size() > k_max_lines ? lines.size() - k_max_lines : 0;
    drawn = lines.size() - first;
    for (std::size_t i = first; i < lines.size(); ++i) {
      const Line& line = lines[i];
      const char* word = line.stage == Stage::running ? "" : line.stage == Stage::done ? "  sent" : "  already there";
      std::array<char, 160> text{};
      std::snprintf(text.data(), text.size(), "\r\x1b[2K  %-30s %s %10s / %s%s\n", line.label.c_str(), bar(line).c_str(),
                    human_size(line.stage == Stage::running ? line.bytes : line.total).c_str(), human_size(line.total).c_str(), word);
      out += text.data();
    }
    // A bar that cannot be drawn is no reason to fail.
    if (::write(STDERR_FILENO, out.data(), out.size()) < 0) shows = false;
  }
};

Progress::Progress(const Context& context) : state_(std::make_unique<State>()) {
  state_->shows = context.shows_progress();
  state_->context = &context;
}

Progress::~Progress() { state_->draw(true); }

oci::TransferEvents Progress::events() {
  State* state = state_.get();
  const auto set = [state](const Descriptor& what, Stage stage, const char* word) {
    state->line_of(what).stage = stage;
    state->context->explain(std::string(word) + " " + what.digest.text() + " (" + human_size(what.size) + ")");
    state->draw(true);
  };
  return {
      .on_start = [set](const Descriptor& what) { set(what, Stage::running, "moving"); },
      .on_skip = [set](const Descriptor& what) { set(what, Stage::skipped, "already there:"); },
      .on_bytes =
          [state](const Descriptor& what, std::uint64_t more) {
            state->line_of(what).bytes += more;
            state->draw(false);
          },
      .on_done = [set](const Descriptor& what) { set(what, Stage::done, "moved"); },
  };
}

std::string human_size(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  static constexpr std::array<const char*, 5> k_units = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < k_units.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, k_units[unit]);
  return text.data();
}

}  // namespace davit::cli
