#include "server/http/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/http/http_session.h"

namespace probesweep::server {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

std::string HostPort(const std::string& host, int port) {
  return absl::StrContains(host, ":") ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::Status CannotListen(const HttpServerOptions& options, const error_code& error) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen for HTTP on ", HostPort(options.host, options.port), ": ", error.message(),
                   error == boost::asio::error::address_in_use
                       ? ". Another program uses this port: stop it, or choose another with --http HOST:PORT"
                       : ". Choose an address of this machine with --http HOST:PORT"));
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpServerOptions& options, RouteTable routes)
      : gate_(std::make_shared<internal::HttpGate>(&io_)),
        sessions_{options, std::move(routes), gate_},
        acceptor_(io_),
        accept_pause_(io_) {}

  ~Impl() { Shutdown(); }

  absl::Status Listen() {
    const HttpServerOptions& options = sessions_.options;
    error_code error;
    tcp::resolver resolver(io_);
    const auto endpoints =
        resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, error);
    if (error) return CannotListen(options, error);
    const tcp::endpoint endpoint = *endpoints.begin();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(boost::asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
    if (error) return CannotListen(options, error);
    address_ = HostPort(options.host, acceptor_.local_endpoint().port());
    Accept();
    thread_ = std::thread([this] { io_.run(); });
    return absl::OkStatus();
  }

  const std::string& address() const { return address_; }

  void Shutdown() {
    gate_->Close();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == boost::asio::error::operation_aborted) return;
      if (error) return AcceptLater();  // typically: out of descriptors
      if (sessions_.open_connections < sessions_.options.max_connections) {
        std::make_shared<internal::HttpSession>(std::move(socket), &sessions_)->Run();
      }
      Accept();
    });
  }

  // Accepting again at once would spin while the cause lasts.
  void AcceptLater() {
    accept_pause_.expires_after(std::chrono::milliseconds(100));
    accept_pause_.async_wait([this](error_code error) {
      if (!error) Accept();
    });
  }

  // Before io_: pending operations own sessions, which die with io_ and use what they share until then.
  std::shared_ptr<internal::HttpGate> gate_;
  internal::HttpSessionContext sessions_;
  boost::asio::io_context io_{1};
  tcp::acceptor acceptor_;
  boost::asio::steady_timer accept_pause_;
  std::string address_;
  std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              RouteTable routes) {
  auto impl = std::make_unique<Impl>(options, std::move(routes));
  const absl::Status listening = impl->Listen();
  if (!listening.ok()) return listening;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

const std::string& HttpServer::address() const { return impl_->address(); }
void HttpServer::Shutdown() { impl_->Shutdown(); }

}  // namespace probesweep::server
