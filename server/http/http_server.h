// A small HTTP/1.1 server for monitoring and, later, the dashboard.
#ifndef PROBESWEEP_SERVER_HTTP_HTTP_SERVER_H_
#define PROBESWEEP_SERVER_HTTP_HTTP_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/http/route_table.h"

namespace probesweep::server {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 7078;  // 0: any free one
  // Connections open at once; further ones are closed at once, so that idle peers cannot use up descriptors.
  int max_connections = 128;
  // For one request to arrive whole, waiting for it included: a peer that trickles bytes is dropped.
  absl::Duration request_timeout = absl::Seconds(30);
  // For a route to reply, then for the peer to take the answer.
  absl::Duration reply_timeout = absl::Seconds(5);
  uint32_t max_header_bytes = 16 << 10;  // a browser's cookies fit
  uint64_t max_body_bytes = 64 << 10;    // no route reads a body; one is only skipped to answer politely
};

// Serves a RouteTable with one thread of its own. Thread-safe.
class HttpServer {
 public:
  // Errors: UNAVAILABLE naming the address (in use, not of this machine).
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           RouteTable routes);

  // Shuts down.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "host:port" with the port really listened on.
  const std::string& address() const;

  // Closes every connection and ends the thread. Replies that come later are dropped. May be repeated.
  void Shutdown();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_HTTP_HTTP_SERVER_H_
