// SPDX-License-Identifier: Apache-2.0
//
// What one load run is asked to do: the flags of main.cc after they have been checked. A plain
// value, read by everything in this folder and changed by nobody once the run has started.

#ifndef TINA_BENCH_LOAD_OPTIONS_H_
#define TINA_BENCH_LOAD_OPTIONS_H_

#include <cstdint>
#include <string>

namespace tina::load {

/// What moves the bytes of established connections.
enum class Engine : uint8_t { kAuto, kEpoll, kIoUring };

struct Options {
  std::string host = "127.0.0.1";
  uint16_t port = 0;
  uint32_t connections = 1;
  /// How long to measure; 0 means "until `requests`, or until `poison_connections`".
  double seconds = 0;
  double warmup_seconds = 0;
  /// Requests to send in all; 0 means no bound.
  uint64_t requests = 0;
  uint32_t size_bytes = 64;
  /// Requests outstanding per connection.
  uint32_t depth = 1;
  /// Local address to bind before connecting; empty means that the kernel chooses.
  std::string source;
  /// How many places for connections in 10 000 are poison places; each of their connections sends
  /// `poison_after` good requests and then the poison.
  uint32_t poison_per_10000 = 0;
  /// Poison payloads to send in all; 0 means no bound.
  uint64_t poison_connections = 0;
  uint32_t poison_after = 20;
  /// Requests per second on a fixed schedule; 0 means closed loop.
  double open_loop_per_s = 0;
  /// How long to poll for events before sleeping.
  uint32_t spin_us = 50;
  Engine engine = Engine::kAuto;
  bool live = false;
  uint32_t live_interval_ms = 1000;
};

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_OPTIONS_H_
