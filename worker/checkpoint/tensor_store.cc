#include "worker/checkpoint/tensor_store.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status.h"
#include "worker/checkpoint/safetensors_file.h"
#include "worker/checkpoint/torch_file.h"
#include "worker/checkpoint/weight_index.h"

namespace probesweep::worker {
namespace {

using OpenTensorFile = absl::StatusOr<std::unique_ptr<TensorFile>> (*)(std::unique_ptr<ByteSource>);

// A kind of file, alone and in shards.
struct FileKind {
  const char* single;
  const char* index;
  OpenTensorFile open;
};

absl::StatusOr<std::unique_ptr<TensorFile>> OpenOne(const std::string& path, OpenTensorFile open) {
  constexpr absl::string_view kPointer = "version https://git-lfs";
  PS_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, OpenFile(path));
  PS_ASSIGN_OR_RETURN(const std::string start,
                      ReadRange(*source, 0, std::min<uint64_t>(kPointer.size(), source->size())));
  if (start == kPointer) {
    return absl::DataLossError(absl::StrCat(
        path,
        " is a pointer of Git LFS, not the weights themselves; run `git lfs pull` where it was cloned"));
  }
  return open(std::move(source));
}

absl::StatusOr<std::unique_ptr<TensorStore>> OpenSingle(const std::string& path, OpenTensorFile open) {
  std::vector<std::unique_ptr<TensorFile>> files;
  PS_ASSIGN_OR_RETURN(files.emplace_back(), OpenOne(path, open));
  return TensorStore::Create(std::move(files));
}

absl::StatusOr<std::unique_ptr<TensorStore>> OpenShards(const std::string& folder, const std::string& index,
                                                        OpenTensorFile open) {
  PS_ASSIGN_OR_RETURN(const auto map, ReadWeightIndex(index));
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : map) shards.insert(shard);
  std::vector<std::unique_ptr<TensorFile>> files;
  for (const std::string& shard : shards) {
    auto file = OpenOne(absl::StrCat(folder, "/", shard), open);
    if (!file.ok()) return Annotate(file.status(), absl::StrCat("a shard that ", index, " names"));
    files.push_back(*std::move(file));
  }
  PS_ASSIGN_OR_RETURN(std::unique_ptr<TensorStore> store, TensorStore::Create(std::move(files)));
  for (const auto& [tensor, shard] : map) {
    if (store->PathOf(tensor) == absl::StrCat(folder, "/", shard)) continue;
    return absl::DataLossError(absl::StrCat(index, " says that ", QuotedTensorName(tensor), " is in ", folder,
                                            "/", shard,
                                            ", which does not hold it; the files are not of one checkpoint"));
  }
  return store;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TensorStore>> TensorStore::Create(
    std::vector<std::unique_ptr<TensorFile>> files) {
  std::unique_ptr<TensorStore> store(new TensorStore(std::move(files)));
  for (const auto& file : store->files_) {
    for (std::string& name : file->Names()) {
      const auto [known, added] = store->file_of_.try_emplace(std::move(name), file.get());
      if (added) continue;
      return absl::DataLossError(absl::StrCat("tensor ", QuotedTensorName(known->first), " stands in ",
                                              known->second->path(), " and again in ", file->path()));
    }
  }
  return store;
}

const TensorFile* TensorStore::FileOf(const std::string& name) const {
  const auto found = file_of_.find(name);
  return found == file_of_.end() ? nullptr : found->second;
}

std::vector<std::string> TensorStore::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : file_of_) names.push_back(name);
  return names;
}

std::optional<TensorInfo> TensorStore::Find(const std::string& name) const {
  const TensorFile* const file = FileOf(name);
  return file == nullptr ? std::nullopt : file->Find(name);
}

std::string TensorStore::PathOf(const std::string& name) const {
  const TensorFile* const file = FileOf(name);
  return file == nullptr ? "" : file->path();
}

std::vector<std::string> TensorStore::Paths() const {
  std::vector<std::string> paths;
  for (const auto& file : files_) paths.push_back(file->path());
  return paths;
}

absl::StatusOr<std::unique_ptr<TensorStream>> TensorStore::Open(const std::string& name,
                                                                ElementRange elements) const {
  return FileOf(name)->Open(name, elements);
}

absl::StatusOr<std::unique_ptr<TensorStore>> OpenTensorStore(const std::string& folder) {
  const FileKind kinds[] = {
      {"model.safetensors", "model.safetensors.index.json", OpenSafetensors},
      {"pytorch_model.bin", "pytorch_model.bin.index.json", OpenTorch},
  };
  std::error_code ignored;
  std::vector<std::string> looked_for;
  for (const FileKind& kind : kinds) {
    const std::string single = absl::StrCat(folder, "/", kind.single);
    if (std::filesystem::exists(single, ignored)) return OpenSingle(single, kind.open);
    const std::string index = absl::StrCat(folder, "/", kind.index);
    if (std::filesystem::exists(index, ignored)) return OpenShards(folder, index, kind.open);
    looked_for.insert(looked_for.end(), {kind.single, kind.index});
  }
  return absl::NotFoundError(absl::StrCat(folder, " holds no weights that can be read: none of ",
                                          absl::StrJoin(looked_for, ", "), " is there"));
}

}  // namespace probesweep::worker
