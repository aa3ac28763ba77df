// SPDX-License-Identifier: Apache-2.0
// Handlers of logbook.tina's Writer. Hears `Kept` first when the file has been read back.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "logbook.tina.h"
#include "record.h"

namespace logbook {

struct Writer : WriterBase {
  std::uint64_t there = 0;  ///< records when it began
  std::uint64_t kept = 0;
  std::uint32_t records = 0, sent = 0, refused = 0;
  std::int32_t error = 0;
  bool tell = false, begun = false;

  InitResult on_init(WriterInit&& init, Context&) {
    records = init.records;
    tell = init.tell != 0;
    return ok();
  }
  Effect on_kept(const Kept& all, Context& ctx) {
    if (!begun) {
      begun = true;
      there = all.records;
      ctx.log(tina::Level::kInfo, "read_back", field("records", there));
    }
    kept = all.records - there;
    if (tell) ctx.log(tina::Level::kInfo, "kept", field("records", all.records));
    return go_on(ctx);
  }
  Effect on_refused(const Refused& some, Context& ctx) {
    refused += some.records;
    error = static_cast<std::int32_t>(some.error);
    return go_on(ctx);
  }

 private:
  static tina::Field field(const char* name, std::uint64_t value) {
    return {name, static_cast<std::int64_t>(value)};
  }

  /// Sends as many as may be without an answer, or says the result.
  Effect go_on(Context& ctx) {
    while (sent < records && sent - kept - refused < WINDOW) {
      Record one{.data = ctx.blob<RECORD_SIZE>()};
      if (!one.data) return crash("no blob for a record");
      static constexpr std::string_view kText = "what is worth keeping";
      one.data.resize(sizeof(Header) + kText.size());
      std::memcpy(one.data.bytes().data() + sizeof(Header), kText.data(), kText.size());
      if (ctx.send(ctx.child<Root::keeper>(), std::move(one)) != tina::SendResult::kQueued) {
        return crash("the keeper takes nothing");
      }
      ++sent;
    }
    if (kept + refused < records) return receive();
    ctx.log(tina::Level::kInfo, "appended", field("kept", kept), field("refused", refused),
            tina::Field{"errno", error});
    return done();
  }
};

}  // namespace logbook
