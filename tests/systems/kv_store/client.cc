// SPDX-License-Identifier: Apache-2.0
// See client.h.
#include "client.h"

#include <array>

namespace kv_store {
namespace {

/// Tags of reads from here on are keys of the next client.
constexpr std::uint64_t kForeign = 100;

Key key_of(std::uint32_t client, std::uint64_t key) {
  const auto digit = [](std::uint64_t value) { return static_cast<char>('0' + value % 10); };
  const std::array text{'c', digit(client), '/', 'k', digit(key / 10), digit(key)};
  return Key({text.data(), text.size()});
}

/// A value says whose it is and which: from 6 to 20 bytes.
Value value_of(std::uint32_t client, std::uint64_t key, std::uint32_t version) {
  std::array<std::byte, Value::capacity()> bytes{};
  bytes[0] = static_cast<std::byte>(client);
  bytes[1] = static_cast<std::byte>(key);
  for (unsigned i = 0; i < 4; ++i) bytes[2 + i] = static_cast<std::byte>(version >> (8 * i));
  const std::size_t size = 6 + version % (bytes.size() - 5);
  for (std::size_t i = 6; i < size; ++i) bytes[i] = static_cast<std::byte>(version * i);
  return Value(std::span<const std::byte>(bytes.data(), size));
}

/// The version of a value, 0 of none. False: this value was never written under that key.
bool read_version(const tina::Option<Value>& held, std::uint32_t client, std::uint64_t key,
                  std::uint32_t& version) {
  version = 0;
  if (!held.has_value()) return true;
  if (held->size() < 6) return false;
  for (unsigned i = 0; i < 4; ++i)
    version |= std::to_integer<std::uint32_t>((*held)[2 + i]) << (8 * i);
  return version != 0 && *held == value_of(client, key, version);
}

}  // namespace

Client::InitResult Client::on_init(ClientInit&& init, Context& ctx) {
  number = init.number;
  pace = init.pace;
  random = ctx.now().ns + number;
  return ok();
}

Client::Then<Client::Gone> Client::on_sys_shutdown(in<Machine>, const sys::Shutdown&,
                                                   Context& ctx) {
  ctx.log(tina::Level::kInfo, "asked", tina::Field{"read", totals.read},
          tina::Field{"changed", totals.changed}, tina::Field{"lost", totals.lost},
          tina::Field{"wrong", totals.wrong});
  ctx.log(tina::Level::kInfo, "failed", tina::Field{"refused", totals.refused},
          tina::Field{"late", totals.late}, tina::Field{"crashed", totals.crashed},
          tina::Field{"no_room", totals.no_room});
  return to<Gone>();
}

Client::Entry<Client::Resting> Client::on_enter(in<Resting>, Context& ctx) {
  ctx.turn.arm(pace);
  return start();
}

Client::Then<Client::Reading, Client::Writing> Client::on_turn(in<Resting>, const tina::Fired&,
                                                               Context& ctx) {
  const std::uint32_t key = pick(KEYS);
  Known& mine = known[key];
  if (mine.unsure || mine.stranger || pick(2) == 0) {
    outstanding_ = 3;
    const std::uint32_t other = (key + 1 + pick(KEYS - 1)) % KEYS;
    const std::uint32_t foreign = pick(KEYS);
    return to<Reading>(
        call(store.get(key_of(number, key)).tag(key), store.get(key_of(number, other)).tag(other),
             store.get(key_of((number + 1) % CLIENTS, foreign)).tag(kForeign + foreign)));
  }
  const auto now_ms = static_cast<std::uint32_t>(ctx.now().ns / 1'000'000);
  tried_ = pick(3) == 0 ? 0 : now_ms;
  if (tried_ == 0) return to<Writing>(call(store.erase(key_of(number, key)).tag(key)));
  return to<Writing>(call(store.put(key_of(number, key), value_of(number, key, tried_)).tag(key)));
}

Client::Then<Client::Stay<Client::Reading>, Client::Resting> Client::on_store_get_reply(
    in<Reading>, const tina::Reply<Store::Get>& reply, Context&) {
  const bool foreign = reply.tag >= kForeign;
  const std::uint64_t key = foreign ? reply.tag - kForeign : reply.tag;
  const std::uint32_t writer = foreign ? (number + 1) % CLIENTS : number;
  std::uint32_t version = 0;
  ++totals.read;
  if (!read_version(reply.result.value, writer, key, version)) {
    ++totals.wrong;
  } else if (foreign) {
    look(seen[key], version, reply.result.place);
  } else {
    learn(known[key], version, reply.result.place);
  }
  return one_more();
}

Client::Then<Client::Stay<Client::Reading>, Client::Resting> Client::on_store_get_timeout(
    in<Reading>, const tina::Timeout<Store::Get>&, Context&) {
  ++totals.late;
  return one_more();
}

Client::Then<Client::Stay<Client::Reading>, Client::Resting> Client::on_store_get_rejected(
    in<Reading>, const tina::Rejected<Store::Get>& rejected, Context&) {
  ++count(rejected.reason);
  return one_more();
}

Client::Then<Client::Resting> Client::on_store_put_reply(in<Writing>,
                                                         const tina::Reply<Store::Put>& reply,
                                                         Context&) {
  Known& key = known[reply.tag];
  if (reply.result.change == Change::NoRoom) {
    ++totals.no_room;
    learn(key, 0, reply.result.place);  // there is room for what is there
  } else {
    ++totals.changed;
    key = {.at = reply.result.place, .version = tried_, .stranger = false};
  }
  return to<Resting>();
}

Client::Then<Client::Resting> Client::on_store_put_failed(in<Writing>,
                                                          const tina::Failed<Store::Put>& failed,
                                                          Context&) {
  fail(failed.tag, failed.reason);
  return to<Resting>();
}

Client::Then<Client::Resting> Client::on_store_erase_reply(in<Writing>,
                                                           const tina::Reply<Store::Erase>& reply,
                                                           Context&) {
  std::uint32_t version = 0;
  if (!read_version(reply.result.erased, number, reply.tag, version)) ++totals.wrong;
  learn(known[reply.tag], version, reply.result.place);
  known[reply.tag].version = 0;
  ++totals.changed;
  return to<Resting>();
}

Client::Then<Client::Resting> Client::on_store_erase_failed(
    in<Writing>, const tina::Failed<Store::Erase>& failed, Context&) {
  fail(failed.tag, failed.reason);
  return to<Resting>();
}

std::uint32_t Client::pick(std::uint32_t below) {
  random = random * 6364136223846793005u + 1442695040888963407u;
  return static_cast<std::uint32_t>(random >> 33) % below;
}

Client::Then<Client::Stay<Client::Reading>, Client::Resting> Client::one_more() {
  if (--outstanding_ > 0) return stay();
  return to<Resting>();
}

void Client::learn(Known& key, std::uint32_t version, const Place& place) {
  if (!key.stranger) {
    const bool there = place.part == key.at.part && place.index == key.at.index;
    const bool same_life = place.life == key.at.life;
    // A new life of the partition begins empty, and this client has not written into it: or it
    // has, and was not told.
    const std::uint32_t before = same_life ? key.version : 0;
    const bool fits = version == before || (key.unsure && version == key.tried);
    if (!there || !fits) ++totals.wrong;
    if (!same_life && key.version != 0 && version == 0) ++totals.lost;
  }
  key = {.at = place, .version = version, .stranger = false};
}

void Client::look(Known& key, std::uint32_t version, const Place& place) {
  const bool there = place.part == key.at.part && place.index == key.at.index;
  if (!key.stranger && !there) ++totals.wrong;
  if (version != 0) {  // versions grow, also over the lives of their writer
    if (version < key.version) ++totals.wrong;
    key.version = version;
  }
  key.at = place;
  key.stranger = false;
}

void Client::fail(std::uint64_t key, tina::Failure why) {
  ++count(why);
  if (why != tina::Failure::kTimeout && why != tina::Failure::kCrashed &&
      why != tina::Failure::kEnded) {
    return;  // certainly nothing was done
  }
  known[key].unsure = true;
  known[key].tried = tried_;
}

std::uint32_t& Client::count(tina::Failure why) {
  if (why == tina::Failure::kTimeout) return totals.late;
  if (why == tina::Failure::kCrashed || why == tina::Failure::kEnded) return totals.crashed;
  return totals.refused;
}

}  // namespace kv_store
