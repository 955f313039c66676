// One connection of the HTTP server. Internal to server/http: the only header with Boost in it.
#ifndef PROBESWEEP_SERVER_HTTP_HTTP_SESSION_H_
#define PROBESWEEP_SERVER_HTTP_HTTP_SESSION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/http/http_server.h"
#include "server/http/route_table.h"

namespace probesweep::server::internal {

// Lets replies of other threads reach the server's thread only while it exists. Thread-safe.
class HttpGate {
 public:
  explicit HttpGate(boost::asio::io_context* context) : context_(context) {}
  // Runs `function` on the server's thread, or never once the gate is closed.
  void Post(std::function<void()> function);
  void Close();

 private:
  absl::Mutex mutex_;
  boost::asio::io_context* context_ ABSL_GUARDED_BY(mutex_);
};

// What all sessions of a server share; outlives them.
struct HttpSessionContext {
  HttpServerOptions options;
  RouteTable routes;
  std::shared_ptr<HttpGate> gate;
  int open_connections = 0;  // touched on the server's thread only
};

// Reads a request, has the routes answer it, writes the answer, and again while the peer keeps the
// connection. Keeps itself alive through the operation in progress. Runs on the server's thread only.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, HttpSessionContext* context);
  ~HttpSession();
  void Run() { Read(); }

 private:
  void Read();
  void OnRead(boost::beast::error_code error);
  // Answers what could not be parsed, then closes.
  void Refuse(boost::beast::error_code error);
  void Dispatch();
  // `request_number` tells an answer that comes after its request timed out from that of the present request.
  void Answer(uint64_t request_number, HttpResponse response);
  void Write(HttpResponse response);
  template <typename Body>
  void Send(boost::beast::http::response<Body> message);
  void Close();

  HttpSessionContext* const context_;
  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer reply_timer_;
  boost::beast::flat_buffer buffer_;
  // Made anew for each request: a parser reads one message.
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::shared_ptr<void> outgoing_;  // the message being written
  uint64_t request_number_ = 0;
  bool answered_ = true;
  bool keep_alive_ = false;
  bool head_only_ = false;
  unsigned version_ = 11;
};

}  // namespace probesweep::server::internal

#endif  // PROBESWEEP_SERVER_HTTP_HTTP_SESSION_H_
