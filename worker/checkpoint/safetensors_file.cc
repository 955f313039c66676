#include "worker/checkpoint/safetensors_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/status.h"
#include "worker/checkpoint/range_stream.h"

namespace probesweep::worker {
namespace {

class SafetensorsFile : public TensorFile {
 public:
  SafetensorsFile(std::unique_ptr<ByteSource> source, SafetensorsHeader header)
      : source_(std::move(source)), header_(std::move(header)) {}

  const std::string& path() const override { return source_->name(); }

  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, entry] : header_.tensors) names.push_back(name);
    return names;
  }

  std::optional<TensorInfo> Find(const std::string& name) const override {
    const auto found = header_.tensors.find(name);
    if (found == header_.tensors.end()) return std::nullopt;
    return TensorInfo{found->second.dtype, found->second.shape};
  }

  absl::StatusOr<std::unique_ptr<TensorStream>> Open(const std::string& name,
                                                     ElementRange elements) const override {
    const TensorEntry& entry = header_.tensors.at(name);
    const uint64_t skipped = elements.first * static_cast<uint64_t>(ElementSize(entry.dtype));
    return std::make_unique<RangeStream>(*source_, entry.begin + skipped);
  }

 private:
  const std::unique_ptr<ByteSource> source_;
  const SafetensorsHeader header_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TensorFile>> OpenSafetensors(std::unique_ptr<ByteSource> source) {
  const std::string& path = source->name();
  PS_ASSIGN_OR_RETURN(const std::string start, ReadRange(*source, 0, std::min<uint64_t>(8, source->size())));
  PS_ASSIGN_OR_RETURN(const uint64_t size, SafetensorsHeaderSize(start, source->size(), path));
  PS_ASSIGN_OR_RETURN(const std::string prefix, ReadRange(*source, 0, size));
  PS_ASSIGN_OR_RETURN(SafetensorsHeader header, ParseSafetensorsHeader(prefix, source->size(), path));
  return std::make_unique<SafetensorsFile>(std::move(source), std::move(header));
}

absl::StatusOr<std::unique_ptr<TensorFile>> OpenSafetensorsFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, OpenFile(path));
  return OpenSafetensors(std::move(source));
}

}  // namespace probesweep::worker
