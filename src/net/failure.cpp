#include "net/failure.hpp"

namespace spillway::net {

std::string_view to_string(phase during) {
  switch (during) {
    case phase::preparing: return "preparing";
    case phase::resolving: return "resolving";
    case phase::connecting: return "connecting";
    case phase::handshaking: return "handshaking";
    case phase::sending: return "sending";
    case phase::waiting: return "waiting";
    case phase::reading: return "reading";
  }
  return "preparing";
}

std::string doing_text(phase during, const std::string& peer) {
  switch (during) {
    case phase::preparing: return "writing a request to " + peer;
    case phase::resolving: return "looking up " + peer;
    case phase::connecting: return "connecting to " + peer;
    case phase::handshaking: return "setting up TLS with " + peer;
    case phase::sending: return "sending to " + peer;
    case phase::waiting: return "waiting for the answer of " + peer;
    case phase::reading: return "reading the answer of " + peer;
  }
  return peer;
}

}  // namespace spillway::net
