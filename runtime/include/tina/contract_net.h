// SPDX-License-Identifier: Apache-2.0
// How the generated contract takes the completions of listeners, streams and datagrams. Not for
// handlers. Runs on the shard's thread.
#pragma once

#include "tina/contract_io.h"
#include "tina/net.h"

namespace tina::internal {

/// The completion of an accept. Until somebody takes it, its descriptor is in transit.
template <class Message>
Message take_connection(ShardCore& core, ResultRecord& record) {
  Message message;
  message.status = status_of(record.value);
  message.error = error_of(record.value);
  if (record.value < 0) return message;
  core.transit_descriptor = record.value;
  message.stream = decltype(message.stream)(record.value);
  return message;
}

inline net::tcp_listener::Accepted take_accepted(ShardCore& core, ResultRecord& record) {
  auto message = take_connection<net::tcp_listener::Accepted>(core, record);
  if (message.ok()) message.peer = operand_of<AddressOperand>(core, record).address;
  return message;
}

inline net::unix_listener::Accepted take_accepted_unix(ShardCore& core, ResultRecord& record) {
  return take_connection<net::unix_listener::Accepted>(core, record);
}

inline net::tcp_stream::Received take_received(ShardCore& core, ResultRecord& record) {
  return take_bytes<net::tcp_stream::Received>(core, record);
}

inline net::tcp_stream::Sent take_sent(ShardCore& core, ResultRecord& record) {
  auto sent = take_moved<net::tcp_stream::Sent>(core, record);
  // Only of a file: there is no more of it.
  if (record.value == 0 && record.done < record.size) sent.status = IoStatus::kEnd;
  return sent;
}

inline net::tcp_stream::Connected take_connected(ShardCore& core, ResultRecord& record) {
  return take_end<net::tcp_stream::Connected>(core, record);
}

inline net::tcp_stream::Closed take_closed(ShardCore&, ResultRecord&) { return {}; }

inline net::tcp_stream::Finished take_finished(ShardCore& core, ResultRecord& record) {
  return take_end<net::tcp_stream::Finished>(core, record);
}

/// The completion of a receive of a datagram, which may be empty.
template <class Operand, class Message>
Message take_datagram(ShardCore& core, ResultRecord& record, const Operand& operand) {
  Message message;
  message.status = status_of(record.value);
  message.error = error_of(record.value);
  if (record.value < 0) return message;
  if (record.value > 0) message.data = take_bytes<Message>(core, record).data;
  message.cut_off = operand.cut_off;
  return message;
}

inline net::udp_socket::ReceivedFrom take_received_from(ShardCore& core, ResultRecord& record) {
  using Message = net::udp_socket::ReceivedFrom;
  const auto& operand = operand_of<DatagramOperand>(core, record);
  auto message = take_datagram<DatagramOperand, Message>(core, record, operand);
  if (message.ok()) message.from = operand.who.address;
  return message;
}

inline net::unix_datagram::ReceivedFrom take_received_unix(ShardCore& core, ResultRecord& record) {
  using Message = net::unix_datagram::ReceivedFrom;
  const auto& operand = operand_of<UnixDatagramOperand>(core, record);
  auto message = take_datagram<UnixDatagramOperand, Message>(core, record, operand);
  if (message.ok()) message.from = operand.who;
  return message;
}

/// The completion of a receive of several datagrams.
inline net::ReceivedBatch take_received_batch(ShardCore& core, ResultRecord& record) {
  const Running running = core.running.get();
  std::span<net::Datagram> datagrams;
  if (record.value > 0) {
    Batch& batch = core.types[running.type].batch(running.slot, record.object);
    for (std::uint32_t i = 0; i < batch.received; ++i)
      hold_block(core, batch.datagrams()[i].data.index());
    datagrams = {batch.datagrams(), std::exchange(batch.received, 0)};
  }
  net::ReceivedBatch message(datagrams);
  message.status = status_of(record.value);
  message.error = error_of(record.value);
  return message;
}

inline net::SentBatch take_sent_batch(ShardCore&, ResultRecord& record) {
  return {status_of(record.value), error_of(record.value), record.done, record.size - record.done};
}

template <class To = net::Address>
typename net::Datagrams<To>::SentTo take_sent_to(ShardCore&, ResultRecord& record) {
  const auto size = static_cast<std::uint32_t>(record.value < 0 ? 0 : record.value);
  return {status_of(record.value), error_of(record.value), size};
}

template <class To = net::Address>
typename net::Datagrams<To>::Opened take_bound(ShardCore& core, ResultRecord& record) {
  return take_end<typename net::Datagrams<To>::Opened>(core, record);
}

template <class To = net::Address>
typename net::Datagrams<To>::Closed take_shut(ShardCore&, ResultRecord&) {
  return {};
}

}  // namespace tina::internal
