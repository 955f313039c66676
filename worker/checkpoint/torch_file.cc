#include "worker/checkpoint/torch_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/checkpoint/inflate_stream.h"
#include "worker/checkpoint/range_stream.h"
#include "worker/checkpoint/strided_stream.h"
#include "worker/checkpoint/torch_contents.h"

namespace probesweep::worker {
namespace {

// Tied tensors share a storage; more sharing than this would make a small file fill the memory.
constexpr uint64_t kMaxSharing = 4;
constexpr uint64_t kSmallFile = 1 << 20;

class TorchFile : public TensorFile {
 public:
  TorchFile(std::unique_ptr<ByteSource> source, TorchContents contents)
      : source_(std::move(source)), contents_(std::move(contents)) {}

  absl::Status CheckSharing() const {
    const uint64_t allowed = std::max(kSmallFile, kMaxSharing * source_->size());
    uint64_t total = 0;
    for (const auto& [name, tensor] : contents_.state.tensors) {
      if (Overlaps(tensor)) continue;
      const uint64_t bytes = *ElementCount(tensor.shape) * static_cast<uint64_t>(ElementSize(tensor.dtype));
      if (__builtin_add_overflow(total, bytes, &total) || total > allowed) {
        return absl::DataLossError(absl::StrCat(path(),
                                                ": its tensors share storages until they are more than ",
                                                kMaxSharing, " times the file; no model's do"));
      }
    }
    return absl::OkStatus();
  }

  const std::string& path() const override { return source_->name(); }

  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : contents_.state.tensors) names.push_back(name);
    return names;
  }

  std::optional<TensorInfo> Find(const std::string& name) const override {
    const auto found = contents_.state.tensors.find(name);
    if (found == contents_.state.tensors.end()) return std::nullopt;
    return TensorInfo{found->second.dtype, found->second.shape};
  }

  absl::StatusOr<std::unique_ptr<TensorStream>> Open(const std::string& name,
                                                     ElementRange elements) const override {
    const TorchTensor& tensor = contents_.state.tensors.at(name);
    const ZipEntry& place = contents_.places[tensor.storage];
    const auto element = static_cast<uint64_t>(ElementSize(tensor.dtype));
    if (elements.count == 0) return std::make_unique<RangeStream>(*source_, place.data_begin);
    if (tensor.contiguous()) return OpenStorage(place, (tensor.offset + elements.first) * element);
    if (Overlaps(tensor)) {
      return absl::DataLossError(absl::StrCat(path(), ": tensor ", QuotedTensorName(name),
                                              " has elements that lie in one place; no weights do"));
    }
    PS_ASSIGN_OR_RETURN(const auto stream, OpenStorage(place, tensor.offset * element));
    std::string stretch(tensor.Span() * element, '\0');
    PS_RETURN_IF_ERROR(stream->Read(absl::MakeSpan(stretch.data(), stretch.size())));
    return std::make_unique<StridedStream>(std::move(stretch), tensor.shape, tensor.strides,
                                           ElementSize(tensor.dtype), elements.first);
  }

 private:
  // Like one row repeated: what is there once would be read many times.
  static bool Overlaps(const TorchTensor& tensor) { return *ElementCount(tensor.shape) > tensor.Span(); }

  absl::StatusOr<std::unique_ptr<TensorStream>> OpenStorage(const ZipEntry& place, uint64_t begin) const {
    if (place.deflated) return OpenInflateStream(*source_, place, begin);
    return std::make_unique<RangeStream>(*source_, place.data_begin + begin);
  }

  const std::unique_ptr<ByteSource> source_;
  const TorchContents contents_;
};

absl::StatusOr<TorchContents> ReadContents(const ByteSource& source) {
  constexpr uint64_t kTarMagicAt = 257;
  PS_ASSIGN_OR_RETURN(const std::string start, ReadRange(source, 0, std::min<uint64_t>(512, source.size())));
  if (LooksLikeZip(start)) return ReadTorchZip(source);
  if (start.size() > kTarMagicAt && absl::StartsWith(start.substr(kTarMagicAt), "ustar")) {
    return absl::UnimplementedError(absl::StrCat(
        source.name(),
        " is a tar archive, as torch before 0.1.10 wrote; load it with torch and save it again"));
  }
  if (absl::StartsWith(start, "\x80")) return ReadTorchLegacy(source);
  return absl::DataLossError(absl::StrCat(
      source.name(), " is no file of torch.save: it begins like neither a zip archive nor a pickle"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TensorFile>> OpenTorch(std::unique_ptr<ByteSource> source) {
  PS_ASSIGN_OR_RETURN(TorchContents contents, ReadContents(*source));
  auto file = std::make_unique<TorchFile>(std::move(source), std::move(contents));
  PS_RETURN_IF_ERROR(file->CheckSharing());
  return std::unique_ptr<TensorFile>(std::move(file));
}

absl::StatusOr<std::unique_ptr<TensorFile>> OpenTorchFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, OpenFile(path));
  return OpenTorch(std::move(source));
}

}  // namespace probesweep::worker
