// SPDX-License-Identifier: Apache-2.0
// Handlers of pages.tina's Printer.
#pragma once

#include <array>
#include <span>
#include <string>

#include "pages.tina.h"
#include "sample.h"

namespace pages {

/// `name` in the folder, as far as a path is long enough for that.
template <class Folder>
fs::Path page_path(const Folder& folder, std::string_view name) {
  std::array<char, fs::Path::kMost + 1> text{};
  std::size_t size = 0;
  for (const std::string_view part : {folder.view(), std::string_view("/"), name}) {
    if (size + part.size() > text.size()) return fs::Path(std::string_view());
    size += part.copy(text.data() + size, part.size());
  }
  return {std::string_view(text.data(), size)};
}

struct Printer : PrinterBase {
  fs::Path path;
  std::uint64_t size = 0;
  std::uint64_t printed = 0;
  std::array<std::byte, 4096> piece;

  InitResult on_init(PrinterInit&& init, Context&) {
    if (init.sample == 0) return done();
    path = page_path(init.folder, "sample");
    size = init.sample;
    return ok();
  }
  Entry<Opening> on_enter(in<Opening>, Context&) {
    printed = 0;
    return start(io(page.open(path, fs::Open::kWrite | fs::Open::kCreate | fs::Open::kTruncate)));
  }
  Then<Printing, Failed> on_page_opened(in<Opening>, const fs::file::Opened& opened, Context&) {
    if (!opened.ok()) return to<Failed>();
    return to<Printing>();
  }
  Entry<Printing> on_enter(in<Printing>, Context&) {
    const std::uint64_t left = size - printed;
    const std::size_t now = left < piece.size() ? left : piece.size();
    for (std::size_t i = 0; i < now; ++i) piece[i] = sample_byte(printed + i);
    return start(io(page.write(printed, std::span(piece).first(now))));
  }
  Then<Printing, Done, Failed> on_page_written(in<Printing>, const fs::file::Written& written,
                                               Context&) {
    if (!written.ok()) return to<Failed>();
    printed += written.size;
    if (printed < size) return to<Printing>();
    return to<Done>();
  }
  Entry<Failed> on_enter(in<Failed>, Context&) { return start(io(page.close())); }
};

}  // namespace pages
