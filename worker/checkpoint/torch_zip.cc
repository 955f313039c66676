#include <zlib.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/checkpoint/inflate_stream.h"
#include "worker/checkpoint/pickle_reader.h"
#include "worker/checkpoint/torch_contents.h"

namespace probesweep::worker {
namespace {

// Weights hardly shrink, so an archive that inflates to more than this many times its size holds none. Small
// files may be as large as kSmallFile.
constexpr uint64_t kMaxInflation = 4;
constexpr uint64_t kSmallFile = 1 << 20;

class TorchZipReader {
 public:
  explicit TorchZipReader(const ByteSource& source) : source_(source) {}

  absl::StatusOr<TorchContents> Read() {
    PS_ASSIGN_OR_RETURN(entries_, ReadZipDirectory(source_));
    PS_RETURN_IF_ERROR(CheckInflatedSize());
    PS_RETURN_IF_ERROR(FindFolder());
    PS_RETURN_IF_ERROR(CheckByteOrder());
    PS_ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(*Find("data.pkl"), kMaxPickleBytes));
    PS_ASSIGN_OR_RETURN(const Pickle pickle, ReadPickle(bytes, PickleMemory(source_), source_.name()));
    TorchContents contents;
    PS_ASSIGN_OR_RETURN(contents.state, ReadStateDict(pickle, source_.name()));
    for (const TorchStorage& storage : contents.state.storages) {
      PS_ASSIGN_OR_RETURN(contents.places.emplace_back(), PlaceOf(storage));
    }
    return contents;
  }

 private:
  absl::Status Corrupt(absl::string_view reason) const {
    return absl::DataLossError(absl::StrCat(source_.name(), ": ", reason));
  }
  absl::Status Unsupported(absl::string_view what) const {
    return absl::UnimplementedError(absl::StrCat(source_.name(), " ", what));
  }

  absl::Status CheckInflatedSize() const {
    const uint64_t allowed = std::max(kSmallFile, kMaxInflation * source_.size());
    uint64_t total = 0;
    for (const ZipEntry& entry : entries_) {
      if (__builtin_add_overflow(total, entry.size, &total) || total > allowed) {
        return Corrupt(absl::StrCat("it would inflate to more than ", kMaxInflation,
                                    " times its size; no weights do, so this is refused"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status FindFolder() {
    constexpr absl::string_view kPickle = "/data.pkl";
    for (const ZipEntry& entry : entries_) {
      if (absl::EndsWith(entry.name, "/constants.pkl")) {
        return Unsupported(
            "is a TorchScript archive, which holds code; save the model's state dict with torch.save, or as "
            "safetensors");
      }
      if (!absl::EndsWith(entry.name, kPickle)) continue;
      if (!folder_.empty()) return Corrupt("it holds data.pkl in two folders");
      folder_ = entry.name.substr(0, entry.name.size() - kPickle.size() + 1);
    }
    if (!folder_.empty()) return absl::OkStatus();
    return Unsupported("is a zip archive without data.pkl: torch.save did not write it");
  }

  // The entry of that name in the folder, or null.
  const ZipEntry* Find(absl::string_view name) {
    if (by_name_.empty()) {
      for (const ZipEntry& entry : entries_) by_name_.push_back(&entry);
      std::sort(by_name_.begin(), by_name_.end(),
                [](const ZipEntry* a, const ZipEntry* b) { return a->name < b->name; });
    }
    const std::string wanted = absl::StrCat(folder_, name);
    const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), wanted,
                                        [](const ZipEntry* a, const std::string& b) { return a->name < b; });
    return found != by_name_.end() && (*found)->name == wanted ? *found : nullptr;
  }

  absl::Status CheckByteOrder() {
    const ZipEntry* const entry = Find("byteorder");
    if (entry == nullptr) return absl::OkStatus();
    PS_ASSIGN_OR_RETURN(const std::string order, ReadWhole(*entry, /*most=*/16));
    if (order == "little") return absl::OkStatus();
    return Unsupported(
        "was written on a big-endian machine, which is not read; load it with torch and save it again");
  }

  absl::StatusOr<std::string> ReadWhole(const ZipEntry& entry, uint64_t most) const {
    if (entry.size > most) {
      return Corrupt(absl::StrCat("entry ", QuotedTensorName(entry.name), " has ", entry.size, " bytes; ",
                                  most, " are the most that are read"));
    }
    if (!entry.deflated) return ReadRange(source_, entry.data_begin, entry.size);
    PS_ASSIGN_OR_RETURN(const auto stream, OpenInflateStream(source_, entry, 0));
    std::string bytes(entry.size, '\0');
    PS_RETURN_IF_ERROR(stream->Read(absl::MakeSpan(bytes.data(), bytes.size())));
    const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    if (sum == entry.crc32) return bytes;
    return Corrupt(absl::StrCat("entry ", QuotedTensorName(entry.name), " has another checksum"));
  }

  absl::StatusOr<ZipEntry> PlaceOf(const TorchStorage& storage) {
    const ZipEntry* const entry = Find(absl::StrCat("data/", storage.key));
    const std::string what = absl::StrCat("storage ", QuotedTensorName(storage.key));
    if (entry == nullptr) return Corrupt(absl::StrCat(what, " is missing; the file is damaged"));
    if (entry->size >= storage.bytes()) return *entry;
    return Corrupt(absl::StrCat(what, " has ", entry->size, " bytes of ", storage.bytes()));
  }

  const ByteSource& source_;
  std::vector<ZipEntry> entries_;
  std::vector<const ZipEntry*> by_name_;
  std::string folder_;  // with the slash
};

}  // namespace

absl::StatusOr<TorchContents> ReadTorchZip(const ByteSource& source) { return TorchZipReader(source).Read(); }

}  // namespace probesweep::worker
