// SPDX-License-Identifier: Apache-2.0
// Handlers of pages.tina's Visitor. A request has its end at the end of what has come: nobody may
// send the next one before its answer. Names are of letters, digits, `-`, `_` and `.`, so that no
// request leads out of the folder.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <string_view>

#include "pages.tina.h"
#include "printer.h"
#include "sample.h"

namespace pages {

struct Visitor : VisitorBase {
  tina::String<120> folder;
  std::uint64_t size = 0;  ///< of the page
  std::uint64_t sent = 0;
  const char* refusal = nullptr;
  std::array<char, 1024> asked;
  std::uint32_t asked_size = 0;
  std::array<char, 160> head;
  std::uint32_t head_size = 0;

  InitResult on_init(VisitorInit&& init, Context&) {
    folder = init.folder;
    return ok();
  }

  Entry<Reading> on_enter(in<Reading>, Context&) { return start(io(peer.receive())); }
  Then<Reading, Opening, Refusing, Gone> on_peer_received(in<Reading>,
                                                          net::tcp_stream::Received&& received,
                                                          Context&) {
    if (!received.ok()) return to<Gone>();
    const std::string_view piece = received.data.text();
    if (piece.size() > asked.size() - asked_size) return refuse("400 Bad Request"), to<Refusing>();
    asked_size += static_cast<std::uint32_t>(piece.copy(asked.data() + asked_size, piece.size()));
    const std::string_view request(asked.data(), asked_size);
    if (!request.ends_with("\r\n\r\n")) return to<Reading>();
    asked_size = 0;
    if (!request.starts_with("GET /")) return refuse("400 Bad Request"), to<Refusing>();
    const std::string_view rest = request.substr(5);
    const std::string_view name = rest.substr(0, rest.find(' '));
    if (!is_name(name)) return refuse("404 Not Found"), to<Refusing>();
    return to<Opening>(io(page.open(page_path(folder, name), fs::Open::kRead)));
  }

  Then<Asking, Refusing> on_page_opened(in<Opening>, const fs::file::Opened& opened, Context&) {
    if (!opened.ok()) return refuse("404 Not Found"), to<Refusing>();
    return to<Asking>();
  }
  Entry<Asking> on_enter(in<Asking>, Context&) { return start(io(page.describe())); }
  Then<Heading, Refusing> on_page_described(in<Asking>, const fs::file::Described& described,
                                            Context&) {
    if (!described.ok() || described.facts.what != fs::What::kFile) {
      return refuse("404 Not Found"), to<Refusing>();
    }
    size = described.facts.size;
    sent = 0;
    say("HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n", static_cast<unsigned long long>(size));
    return to<Heading>(io(peer.send(said())));
  }
  Then<Sending, Closing, Gone> on_peer_sent(in<Heading>, const net::tcp_stream::Sent& done,
                                            Context&) {
    if (!done.ok()) return to<Gone>();
    if (size == 0) return to<Closing>();
    return to<Sending>();
  }

  Entry<Sending> on_enter(in<Sending>, Context&) {
    const std::uint64_t left = std::min<std::uint64_t>(size - sent, STRETCH);
    return start(io(peer.send_file(page, sent, static_cast<std::uint32_t>(left))));
  }
  Then<Sending, Closing, Gone> on_peer_sent(in<Sending>, const net::tcp_stream::Sent& done,
                                            Context& ctx) {
    sent += done.size;
    if (!done.ok()) {  // the visitor has left, or the page is shorter than it was
      ++cut_off;
      ctx.log(tina::Level::kInfo, "cut_off", tina::Field{"status", static_cast<int>(done.status)},
              tina::Field{"errno", done.error},
              tina::Field{"sent", static_cast<std::int64_t>(sent)});
      return to<Gone>();
    }
    if (sent < size) return to<Sending>();
    ++whole;
    return to<Closing>();
  }

  Entry<Refusing> on_enter(in<Refusing>, Context&) {
    say("HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", refusal);
    return start(io(peer.send(said())));
  }
  Then<Closing, Gone> on_peer_sent(in<Refusing>, const net::tcp_stream::Sent& done, Context&) {
    if (!done.ok()) return to<Gone>();
    return to<Closing>();
  }
  Entry<Closing> on_enter(in<Closing>, Context&) { return start(io(page.close())); }

 private:
  void refuse(const char* why) { refusal = why; }
  template <class... Values>
  void say(const char* form, Values... values) {
    const int written = std::snprintf(head.data(), head.size(), form, values...);
    head_size = static_cast<std::uint32_t>(written);
  }
  std::span<const std::byte> said() const {
    return std::as_bytes(std::span(head)).first(head_size);
  }
  static bool is_name(std::string_view name) {
    if (name.empty() || name.size() > 100 || name.starts_with('.')) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_' || c == '.';
    });
  }
};

}  // namespace pages
