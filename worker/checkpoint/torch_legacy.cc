#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/checkpoint/little_endian.h"
#include "worker/checkpoint/pickle_reader.h"
#include "worker/checkpoint/torch_contents.h"

namespace probesweep::worker {
namespace {

// 0x1950a86a20f9469cfc6c, little-endian.
constexpr absl::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr int64_t kVersion = 1001;
constexpr uint64_t kFirstWindow = 64 << 10;

class TorchLegacyReader {
 public:
  explicit TorchLegacyReader(const ByteSource& source) : source_(source) {}

  absl::StatusOr<TorchContents> Read() {
    PS_RETURN_IF_ERROR(CheckHeader());
    TorchContents contents;
    {
      PS_ASSIGN_OR_RETURN(const Pickle object, NextPickle());
      PS_ASSIGN_OR_RETURN(contents.state, ReadStateDict(object, source_.name()));
    }
    PS_ASSIGN_OR_RETURN(const Pickle keys, NextPickle());
    PS_RETURN_IF_ERROR(PlaceStorages(keys, &contents));
    return contents;
  }

 private:
  absl::Status Corrupt(absl::string_view reason) const {
    return absl::DataLossError(
        absl::StrCat(source_.name(), " is not a valid .bin file of torch's older form: ", reason));
  }

  absl::Status CheckHeader() {
    PS_ASSIGN_OR_RETURN(const Pickle magic, NextPickle());
    if (!magic.root().is(PickleKind::kLong) || magic.Text(magic.root()) != kMagic) {
      return Corrupt("it is a pickle, but not by torch.save");
    }
    PS_ASSIGN_OR_RETURN(const Pickle version, NextPickle());
    if (!version.root().is(PickleKind::kInt) || version.root().integer() != kVersion) {
      return Corrupt(absl::StrCat("it has another version than ", kVersion));
    }
    PS_ASSIGN_OR_RETURN(const Pickle machine, NextPickle());
    if (!machine.root().is(PickleKind::kDict)) return Corrupt("it does not say which machine wrote it");
    for (const auto& [key, value] : machine.Items(machine.root())) {
      const bool big_endian = key.is(PickleKind::kString) && machine.Text(key) == "little_endian" &&
                              value.is(PickleKind::kBool) && value.integer() == 0;
      if (big_endian) {
        return absl::UnimplementedError(absl::StrCat(
            source_.name(),
            " was written on a big-endian machine, which is not read; load it with torch and save it again"));
      }
    }
    return absl::OkStatus();
  }

  // The pickle that begins where the last one ended; its values are good until the next. How long it is, only
  // reading it tells, so what is read of the file grows until it is enough.
  absl::StatusOr<Pickle> NextPickle() {
    const uint64_t left = source_.size() - at_;
    for (uint64_t window = kFirstWindow;; window *= 4) {
      const uint64_t count = std::min({window, left, kMaxPickleBytes});
      bytes_.clear();
      PS_ASSIGN_OR_RETURN(bytes_, ReadRange(source_, at_, count));
      absl::StatusOr<Pickle> pickle = ReadPickle(bytes_, PickleMemory(source_), source_.name());
      if (pickle.ok()) at_ += pickle->size();
      const bool may_go_on = count == window && absl::IsOutOfRange(pickle.status());
      if (may_go_on) continue;
      if (!absl::IsOutOfRange(pickle.status())) return pickle;
      return absl::DataLossError(pickle.status().message());
    }
  }

  // After the pickles: for each key, in order, the number of elements and the elements.
  absl::Status PlaceStorages(const Pickle& keys, TorchContents* contents) {
    if (!keys.root().is(PickleKind::kList)) return Corrupt("it has no list of storages");
    std::map<absl::string_view, size_t> wanted;
    const std::vector<TorchStorage>& storages = contents->state.storages;
    for (size_t i = 0; i < storages.size(); ++i) wanted[storages[i].key] = i;
    contents->places.resize(storages.size());
    for (const PickleValue key : keys.Elements(keys.root())) {
      const auto found = key.is(PickleKind::kString) ? wanted.find(keys.Text(key)) : wanted.end();
      if (found == wanted.end()) return Corrupt("it holds a storage that no tensor uses, or one twice");
      PS_ASSIGN_OR_RETURN(contents->places[found->second], NextPlace(storages[found->second]));
      wanted.erase(found);
    }
    if (wanted.empty()) return absl::OkStatus();
    return Corrupt(absl::StrCat("storage ", QuotedTensorName(wanted.begin()->first), " is missing"));
  }

  absl::StatusOr<ZipEntry> NextPlace(const TorchStorage& storage) {
    const std::string what = absl::StrCat("storage ", QuotedTensorName(storage.key));
    char count[sizeof(uint64_t)];
    PS_RETURN_IF_ERROR(source_.Read(at_, absl::MakeSpan(count, sizeof count)));
    at_ += sizeof count;
    if (LittleEndian<uint64_t>(absl::string_view(count, sizeof count)) != storage.elements) {
      return Corrupt(absl::StrCat(what, " has two sizes"));
    }
    if (storage.bytes() > source_.size() - at_) {
      return Corrupt(absl::StrCat(what, " lies outside the file; it is truncated"));
    }
    ZipEntry place;
    place.name = storage.key;
    place.data_begin = at_;
    place.size = place.stored_size = storage.bytes();
    at_ += place.size;
    return place;
  }

  const ByteSource& source_;
  uint64_t at_ = 0;
  std::string bytes_;  // of the last pickle
};

}  // namespace

absl::StatusOr<TorchContents> ReadTorchLegacy(const ByteSource& source) {
  return TorchLegacyReader(source).Read();
}

}  // namespace probesweep::worker
