// SPDX-License-Identifier: Apache-2.0
// Handlers of kv_store.tina's Client: the model that the store is held against. Nobody else writes
// a client's keys, so each answer is either what the model says or wrong. Invariant: a change
// without an answer leaves two values possible until the key is read.
#pragma once

#include <array>

#include "kv_store.tina.h"

namespace kv_store {

struct Client : ClientBase {
  /// What a client knows of a key. A version is the moment of its writing; 0: there is no value.
  struct Known {
    Place at;  ///< who told it
    std::uint32_t version = 0;
    std::uint32_t tried = 0;  ///< the version that a change without an answer would have made
    bool unsure = false;      ///< whether there was such a change
    bool stranger = true;     ///< nothing is known since this client began
  };
  struct Totals {
    std::uint32_t read = 0;
    std::uint32_t changed = 0;  ///< changes that were acknowledged
    std::uint32_t refused = 0;  ///< calls that certainly did nothing
    std::uint32_t late = 0;     ///< calls without an answer in time
    std::uint32_t crashed = 0;  ///< calls whose partition crashed over them
    std::uint32_t no_room = 0;
    std::uint32_t lost = 0;   ///< values that a restart of their partition took
    std::uint32_t wrong = 0;  ///< answers that must not be
  };

  std::array<Known, KEYS> known{};
  std::array<Known, KEYS> seen{};  ///< of the next client's keys, which it alone writes
  Totals totals;
  std::uint32_t number = 0;
  std::uint64_t random = 0;
  tina::Duration pace{};

  InitResult on_init(ClientInit&&, Context&);
  Then<Gone> on_sys_shutdown(in<Machine>, const sys::Shutdown&, Context&);
  Entry<Resting> on_enter(in<Resting>, Context&);
  Then<Reading, Writing> on_turn(in<Resting>, const tina::Fired&, Context&);
  Then<Stay<Reading>, Resting> on_store_get_reply(in<Reading>, const tina::Reply<Store::Get>&,
                                                  Context&);
  Then<Stay<Reading>, Resting> on_store_get_timeout(in<Reading>, const tina::Timeout<Store::Get>&,
                                                    Context&);
  Then<Stay<Reading>, Resting> on_store_get_rejected(in<Reading>, const tina::Rejected<Store::Get>&,
                                                     Context&);
  Then<Resting> on_store_put_reply(in<Writing>, const tina::Reply<Store::Put>&, Context&);
  Then<Resting> on_store_put_failed(in<Writing>, const tina::Failed<Store::Put>&, Context&);
  Then<Resting> on_store_erase_reply(in<Writing>, const tina::Reply<Store::Erase>&, Context&);
  Then<Resting> on_store_erase_failed(in<Writing>, const tina::Failed<Store::Erase>&, Context&);

 private:
  std::uint32_t pick(std::uint32_t below);
  Then<Stay<Reading>, Resting> one_more();
  /// The model takes what it was told of a key of its own, and counts what must not be.
  void learn(Known& key, std::uint32_t version, const Place& place);
  /// The same of a key that somebody else writes.
  void look(Known& key, std::uint32_t version, const Place& place);
  void fail(std::uint64_t key, tina::Failure why);
  std::uint32_t& count(tina::Failure why);

  std::uint32_t tried_ = 0;
  std::uint32_t outstanding_ = 0;
};

}  // namespace kv_store
