#include "worker/checkpoint/checkpoint_weights.h"

#include <ATen/ATen.h>
#include <sys/mman.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/digest.h"
#include "common/status.h"
#include "worker/checkpoint/fingerprint.h"
#include "worker/checkpoint/floating_type.h"

namespace probesweep::worker {
namespace {

// Elements that are read, fingerprinted and converted at a time, while they are in the processor's cache. At
// most so many are converted by one thread: torch would start others for more, which costs more than it
// gains.
constexpr uint64_t kChunk = 32768;
constexpr uint64_t kHugePage = 2 << 20;

// Asks for large pages, where the kernel gives them on request: filling a fresh tensor then takes one page
// fault for 512.
void AdviseHugePages(const at::Tensor& tensor) {
  const auto begin = reinterpret_cast<uintptr_t>(tensor.data_ptr());
  const uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  const uintptr_t last = (begin + tensor.nbytes()) / kHugePage * kHugePage;
  // It is only advice: a kernel without large pages goes on with small ones.
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

// The shape and the elements of some rows of a stored tensor; nothing when it does not have them.
std::optional<std::pair<std::vector<int64_t>, ElementRange>> RowsOf(const TensorInfo& info,
                                                                    const StoredPart& part) {
  if (info.shape.empty() || part.first_row < 0 || part.rows < 0) return std::nullopt;
  const bool vector = info.shape.size() == 1;
  const int64_t row = vector ? 1 : info.shape.back();
  const auto all = static_cast<int64_t>(ElementCount(info.shape).value_or(0));
  if (row == 0 || part.first_row > all / row || part.rows > all / row - part.first_row) return std::nullopt;
  std::vector<int64_t> shape = {part.rows};
  if (!vector) shape.push_back(row);
  return std::make_pair(std::move(shape), ElementRange{static_cast<uint64_t>(part.first_row * row),
                                                       static_cast<uint64_t>(part.rows * row)});
}

}  // namespace

CheckpointWeights::CheckpointWeights(std::unique_ptr<TensorStore> store, TensorNaming naming)
    : store_(std::move(store)), naming_(std::move(naming)) {}

// As transformers renames what it loads: a name with or without the base prefix is the same tensor.
std::optional<std::string> CheckpointWeights::FindStored(const std::string& name) const {
  if (store_->Has(name)) return name;
  if (naming_.base_prefix.empty()) return std::nullopt;
  std::string other = absl::StartsWith(name, naming_.base_prefix) ? name.substr(naming_.base_prefix.size())
                                                                  : absl::StrCat(naming_.base_prefix, name);
  if (store_->Has(other)) return other;
  return std::nullopt;
}

std::optional<CheckpointWeights::Place> CheckpointWeights::FindOwn(const std::string& name) const {
  if (auto stored = FindStored(name)) return Place{*std::move(stored), nullptr};
  const auto part = naming_.stored_parts.find(name);
  if (part == naming_.stored_parts.end()) return std::nullopt;
  if (auto stored = FindStored(part->second.name)) {
    return Place{*std::move(stored), part->second.rows < 0 ? nullptr : &part->second};
  }
  return std::nullopt;
}

std::optional<CheckpointWeights::Place> CheckpointWeights::Find(const std::string& name) const {
  auto place = FindOwn(name);
  if (place.has_value() || !naming_.tied) return place;
  if (name == naming_.unembedding) return FindOwn(naming_.embedding);
  if (name == naming_.embedding) return FindOwn(naming_.unembedding);
  return std::nullopt;
}

absl::Status CheckpointWeights::Missing(const std::string& name) const {
  std::vector<std::string> tried = {name};
  const auto part = naming_.stored_parts.find(name);
  if (part != naming_.stored_parts.end()) tried.push_back(part->second.name);
  if (naming_.tied && name == naming_.unembedding) tried.push_back(naming_.embedding);
  if (naming_.tied && name == naming_.embedding) tried.push_back(naming_.unembedding);
  const std::vector<std::string> paths = store_->Paths();
  return absl::DataLossError(absl::StrCat("tensor '", absl::StrJoin(tried, "', '"), "' is in none of the ",
                                          "checkpoint's files (", paths.front(),
                                          paths.size() > 1 ? ", …" : "", ")"));
}

absl::StatusOr<CheckpointWeights::Wanted> CheckpointWeights::Locate(const std::string& name) const {
  const std::optional<Place> place = Find(name);
  if (!place.has_value()) return Missing(name);
  const TensorInfo info = *store_->Find(place->stored_name);
  Wanted wanted{place->stored_name, info.dtype, info.shape, {0, ElementCount(info.shape).value_or(0)}};
  if (place->part == nullptr) return wanted;
  auto rows = RowsOf(info, *place->part);
  if (!rows.has_value()) {
    return absl::DataLossError(absl::StrCat(store_->PathOf(wanted.stored_name), ": tensor '",
                                            wanted.stored_name, "' has the shape ", ShapeText(info.shape),
                                            "; '", name, "' should be its rows ", place->part->first_row,
                                            " to ", place->part->first_row + place->part->rows));
  }
  std::tie(wanted.shape, wanted.elements) = *std::move(rows);
  return wanted;
}

absl::StatusOr<std::vector<int64_t>> CheckpointWeights::Shape(const std::string& name) const {
  PS_ASSIGN_OR_RETURN(Wanted wanted, Locate(name));
  return std::move(wanted.shape);
}

absl::StatusOr<DType> CheckpointWeights::StoredType(const std::string& name) const {
  PS_ASSIGN_OR_RETURN(const Wanted wanted, Locate(name));
  return wanted.dtype;
}

absl::StatusOr<at::Tensor> CheckpointWeights::Read(const std::string& name,
                                                   const std::vector<int64_t>& shape) {
  PS_ASSIGN_OR_RETURN(const Wanted wanted, Locate(name));
  const std::string where =
      absl::StrCat(store_->PathOf(wanted.stored_name), ": tensor '", wanted.stored_name, "'",
                   wanted.stored_name == name ? "" : absl::StrCat(" ('", name, "')"));
  if (wanted.shape != shape) {
    return absl::DataLossError(absl::StrCat(where, " has the shape ", ShapeText(wanted.shape),
                                            "; by config.json it should have ", ShapeText(shape)));
  }
  if (!FloatingType(wanted.dtype).has_value()) {
    return absl::DataLossError(absl::StrCat(where, " has the type ", DTypeName(wanted.dtype),
                                            ", which is not a floating-point type that is read (F64, F32, "
                                            "F16, BF16)"));
  }
  std::string fingerprint;
  PS_ASSIGN_OR_RETURN(at::Tensor tensor, ReadAsFp32(wanted, &fingerprint));
  PS_RETURN_IF_ERROR(Remember(name, wanted, fingerprint));
  return tensor;
}

absl::StatusOr<at::Tensor> CheckpointWeights::ReadAsFp32(const Wanted& wanted, std::string* fingerprint) {
  PS_ASSIGN_OR_RETURN(const auto stream, store_->Open(wanted.stored_name, wanted.elements));
  const at::ScalarType type = *FloatingType(wanted.dtype);
  at::Tensor tensor = at::empty(wanted.shape, at::kFloat);
  AdviseHugePages(tensor);
  const at::Tensor flat = tensor.view(-1);
  const auto element = static_cast<uint64_t>(ElementSize(wanted.dtype));
  const bool in_place = type == at::kFloat;
  const std::unique_ptr<char[]> chunk(in_place ? nullptr : new char[kChunk * element]);
  Fingerprint digest;
  for (uint64_t done = 0; done < wanted.elements.count; done += kChunk) {
    const uint64_t count = std::min(kChunk, wanted.elements.count - done);
    char* const bytes = in_place ? reinterpret_cast<char*>(flat.data_ptr<float>() + done) : chunk.get();
    PS_RETURN_IF_ERROR(stream->Read(absl::MakeSpan(bytes, count * element)));
    digest.Update(absl::string_view(bytes, count * element));
    bytes_read_ += static_cast<int64_t>(count * element);
    if (in_place) continue;
    flat.narrow(0, static_cast<int64_t>(done), static_cast<int64_t>(count))
        .copy_(at::from_blob(bytes, {static_cast<int64_t>(count)}, at::TensorOptions().dtype(type)));
  }
  *fingerprint = digest.Hex();
  return tensor;
}

absl::Status CheckpointWeights::Remember(const std::string& name, const Wanted& wanted,
                                         const std::string& fingerprint) {
  used_.insert(wanted.stored_name);
  const auto [seen, first] = seen_.try_emplace(name, Seen{wanted.dtype, wanted.shape, fingerprint});
  if (first || seen->second.fingerprint == fingerprint) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(store_->PathOf(wanted.stored_name), ": tensor '",
                                          wanted.stored_name, "' changed while the checkpoint was read"));
}

std::map<std::string, std::string> CheckpointWeights::Fingerprints() const {
  std::map<std::string, std::string> fingerprints;
  for (const auto& [name, seen] : seen_) fingerprints[name] = seen.fingerprint;
  return fingerprints;
}

std::string CheckpointWeights::ContentDigest() const {
  Sha256 digest;
  for (const auto& [name, seen] : seen_) {
    digest.Update(absl::StrCat(name, " ", DTypeName(seen.dtype), " ", ShapeText(seen.shape), " ",
                               seen.fingerprint, "\n"));
  }
  return digest.Hex();
}

bool CheckpointWeights::IsUnused(const std::string& stored_name) const {
  const std::string dotted = absl::StrCat(".", stored_name);
  return std::any_of(
      naming_.unused_suffixes.begin(), naming_.unused_suffixes.end(),
      [&](const std::string& suffix) { return absl::EndsWith(dotted, absl::StrCat(".", suffix)); });
}

std::vector<std::string> CheckpointWeights::NotUsed(const std::set<std::string>& used) const {
  std::vector<std::string> leftovers;
  for (std::string& name : store_->Names()) {
    if (used.count(name) == 0 && !IsUnused(name)) leftovers.push_back(std::move(name));
  }
  return leftovers;
}

std::vector<std::string> CheckpointWeights::Leftovers() const { return NotUsed(used_); }

std::vector<std::string> CheckpointWeights::LeftoversOf(const std::vector<std::string>& names) const {
  std::set<std::string> used;
  for (const std::string& name : names) {
    if (const std::optional<Place> place = Find(name)) used.insert(place->stored_name);
  }
  return NotUsed(used);
}

std::vector<std::string> CheckpointWeights::Names() const {
  const std::string& prefix = naming_.base_prefix;
  const std::vector<std::string> stored_names = store_->Names();
  const bool bare = std::none_of(stored_names.begin(), stored_names.end(),
                                 [&](const std::string& name) { return absl::StartsWith(name, prefix); });
  // The head's names, its bias's too, are without the prefix.
  const absl::string_view head_stem = absl::StripSuffix(naming_.unembedding, "weight");
  std::set<std::string> names, parts;
  for (const auto& [name, part] : naming_.stored_parts) {
    const std::optional<std::string> stored = FindStored(part.name);
    if (!stored.has_value()) continue;
    names.insert(name);
    parts.insert(*stored);
  }
  for (const std::string& name : stored_names) {
    if (IsUnused(name) || parts.count(name) != 0) continue;
    const absl::string_view own = absl::StripPrefix(name, prefix);
    const bool head = !head_stem.empty() && absl::StartsWith(own, head_stem);
    names.insert(head ? std::string(own) : bare ? absl::StrCat(prefix, name) : name);
  }
  return {names.begin(), names.end()};
}

absl::StatusOr<std::unique_ptr<CheckpointWeights>> OpenWeights(const std::string& folder,
                                                               const TensorNaming& naming) {
  PS_ASSIGN_OR_RETURN(std::unique_ptr<TensorStore> store, OpenTensorStore(folder));
  return std::make_unique<CheckpointWeights>(std::move(store), naming);
}

}  // namespace probesweep::worker
