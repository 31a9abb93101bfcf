#include "cli/context.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/exit_code.hpp"

namespace davit::cli {
namespace {

Result<void> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::io, std::string("cannot write the result: ") + std::strerror(errno)).in("standard output");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

void write_line(const std::string& line) {
  // Nothing useful is left to do when standard error itself is closed.
  if (auto written = write_all(STDERR_FILENO, line + "\n"); !written) return;
}

}  // namespace

std::optional<std::string> Context::environment(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

bool Context::output_is_terminal() const { return ::isatty(STDOUT_FILENO) == 1; }
bool Context::error_is_terminal() const { return ::isatty(STDERR_FILENO) == 1; }
bool Context::input_is_terminal() const { return ::isatty(STDIN_FILENO) == 1; }

bool Context::shows_progress() const {
  return error_is_terminal() && !common.quiet && !common.no_progress && !common.json && environment("TERM") != "dumb";
}

bool Context::colors_output() const {
  if (common.color == "always") return true;
  return common.color == "auto" && output_is_terminal() && !environment("NO_COLOR");
}

Result<void> Context::print(std::string_view text) const {
  if (capture == nullptr) return write_all(STDOUT_FILENO, text);
  capture->append(text);
  return {};
}
Result<void> Context::print_bytes(ByteView bytes) const { return print(as_text(bytes)); }
Result<void> Context::print_json(const Json& json) const { return print(write_json(json) + "\n"); }

void Context::say(std::string_view line) const {
  if (!common.quiet) write_line(std::string(line));
}
void Context::warn(std::string_view line) const { write_line("davit: warning: " + std::string(line)); }
void Context::explain(std::string_view line) const {
  if (common.verbose) write_line(std::string(line));
}

void report_error(const Context& context, const Error& error) {
  std::string where = error.place;
  if (error.offset) {
    char text[32];
    std::snprintf(text, sizeof text, "byte 0x%llx", static_cast<unsigned long long>(*error.offset));
    where = std::string(text) + (where.empty() ? "" : " in " + where);
  }
  if (context.common.json) {
    JsonObject details{{"message", error.message}, {"exitStatus", exit_code(error.code)}};
    if (error.offset) details.set("offset", *error.offset);
    if (!error.place.empty()) details.set("place", error.place);
    if (!error.hint.empty()) details.set("hint", error.hint);
    if (!error.trail.empty()) details.set("trail", Json::strings(error.trail));
    write_line(write_json(JsonObject{{"error", std::move(details)}}));
    return;
  }
  std::string text = "davit: error: " + error.message;
  if (!where.empty()) text += "\n  at " + where;
  for (const std::string& step : error.trail) text += "\n  while " + step;
  if (!error.hint.empty()) text += "\n  hint: " + error.hint;
  write_line(text);
}

}  // namespace davit::cli
