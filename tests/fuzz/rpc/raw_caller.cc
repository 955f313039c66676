#include "tests/fuzz/rpc/raw_caller.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"

namespace probesweep::fuzz {
namespace {

// An answer that takes longer is a hang.
constexpr auto kDeadline = std::chrono::seconds(30);

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

std::shared_ptr<grpc::Channel> ConnectAsClients(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

RawCaller::RawCaller(const std::string& address) : channel_(ConnectAsClients(address)), stub_(channel_) {}

RawCaller::~RawCaller() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool RawCaller::Await() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

Answer RawCaller::Call(const std::string& path, const std::vector<std::string>& requests, bool endless) {
  const absl::Time start = absl::Now();
  Answer answer;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  const auto call = stub_.PrepareCall(&context, path, &queue_);
  call->StartCall(nullptr);
  bool open = Await();
  for (size_t i = 0; open && i < requests.size(); ++i) {
    call->Write(BufferOf(requests[i]), nullptr);
    open = Await();
  }
  if (open) {
    call->WritesDone(nullptr);
    Await();
  }
  grpc::ByteBuffer message;
  for (call->Read(&message, nullptr); Await(); call->Read(&message, nullptr)) {
    answer.messages.push_back(BytesOf(message));
    if (endless) context.TryCancel();
  }
  call->Finish(&answer.status, nullptr);
  Await();
  answer.took = absl::Now() - start;
  return answer;
}

}  // namespace probesweep::fuzz
