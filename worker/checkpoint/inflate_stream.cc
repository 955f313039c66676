#include "worker/checkpoint/inflate_stream.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/safetensors.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

class InflateStream : public TensorStream {
 public:
  InflateStream(const ByteSource& source, const ZipEntry& entry)
      : source_(source),
        name_(entry.name),
        at_(entry.data_begin),
        end_(entry.data_begin + entry.stored_size),
        left_(entry.size) {}
  ~InflateStream() override {
    if (started_) inflateEnd(&zlib_);
  }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;

  absl::Status Start(uint64_t begin) {
    started_ = inflateInit2(&zlib_, -MAX_WBITS) == Z_OK;  // negative: no zlib header, as in zip archives
    if (!started_) return absl::ResourceExhaustedError("no memory to inflate");
    std::array<char, 4096> dropped;
    while (begin > 0) {
      const uint64_t count = std::min<uint64_t>(begin, dropped.size());
      PS_RETURN_IF_ERROR(Read(absl::MakeSpan(dropped.data(), count)));
      begin -= count;
    }
    return absl::OkStatus();
  }

  absl::Status Read(absl::Span<char> into) override {
    while (!into.empty()) {
      if (zlib_.avail_in == 0) PS_RETURN_IF_ERROR(Refill());
      const auto wanted = static_cast<uInt>(std::min<size_t>(into.size(), std::numeric_limits<uInt>::max()));
      zlib_.next_out = reinterpret_cast<Bytef*>(into.data());
      zlib_.avail_out = wanted;
      const int result = inflate(&zlib_, Z_NO_FLUSH);
      const uInt got = wanted - zlib_.avail_out;
      into.remove_prefix(got);
      left_ -= std::min<uint64_t>(left_, got);
      if (result == Z_STREAM_END && into.empty() && left_ == 0) return absl::OkStatus();
      if (result == Z_STREAM_END) return Corrupt("inflates to less than is needed");
      if (result != Z_OK) return Corrupt("cannot be inflated");
      if (left_ == 0 && into.empty()) return CheckEnd();
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Corrupt(absl::string_view what) const {
    return absl::DataLossError(absl::StrCat(source_.name(), ": entry ", QuotedTensorName(name_), " ", what,
                                            "; the file is damaged"));
  }

  // All that the directory announces is there; more would mean that it lies.
  absl::Status CheckEnd() {
    char more = 0;
    int result = Z_OK;
    while (result == Z_OK) {
      if (zlib_.avail_in == 0) PS_RETURN_IF_ERROR(Refill());
      zlib_.next_out = reinterpret_cast<Bytef*>(&more);
      zlib_.avail_out = 1;
      result = inflate(&zlib_, Z_NO_FLUSH);
      if (zlib_.avail_out == 0) return Corrupt("inflates to more than its size");
    }
    return result == Z_STREAM_END ? absl::OkStatus() : Corrupt("cannot be inflated");
  }

  absl::Status Refill() {
    const uint64_t count = std::min<uint64_t>(end_ - at_, input_.size());
    if (count == 0) return Corrupt("ends early");
    PS_RETURN_IF_ERROR(source_.Read(at_, absl::MakeSpan(input_.data(), count)));
    at_ += count;
    zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
    zlib_.avail_in = static_cast<uInt>(count);
    return absl::OkStatus();
  }

  const ByteSource& source_;
  const std::string name_;
  uint64_t at_;
  const uint64_t end_;
  uint64_t left_;  // of what the directory says that inflating gives
  std::array<char, 64 << 10> input_;
  z_stream zlib_ = {};
  bool started_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TensorStream>> OpenInflateStream(const ByteSource& source,
                                                                const ZipEntry& entry, uint64_t begin) {
  auto stream = std::make_unique<InflateStream>(source, entry);
  PS_RETURN_IF_ERROR(stream->Start(begin));
  return std::unique_ptr<TensorStream>(std::move(stream));
}

}  // namespace probesweep::worker
