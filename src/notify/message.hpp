// A mail, and the text that goes to a server for it: RFC 5322 with MIME, plain text in UTF-8.
//
//     Date: Sat, 25 Jan 2020 17:00:00 +0000
//     From: Spillway <spillway@example.com>
//     To: ada@example.com,
//      grace@example.com
//     Message-ID: <5d0c6b4e-0c1f-5b2e-8d0c-9c1f0c5a1b2e@example.com>
//     Subject: Exports to s3://raw are blocked
//     Auto-Submitted: auto-generated
//     MIME-Version: 1.0
//     Content-Type: text/plain; charset=utf-8
//     Content-Transfer-Encoding: quoted-printable
//
//     ...
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::notify {

struct mail {
  std::string from;             // an address, as parse_address takes it
  std::vector<std::string> to;  // addresses; at least one
  std::string subject;          // one line of UTF-8
  std::string body;             // UTF-8; lines end in '\n'
  base::instant created_at;
  std::string id;           // letters, digits and '-'; a mail that is sent again keeps it
  std::string in_reply_to;  // the id of the mail that this one follows up; empty: none
};

// An address as mail takes it here: "ada@example.com", with letters, digits and !#$%&'*+-/=?^_`{|}~ around single dots,
// '@', and a host name. No display name, no quotes, no comment, nothing outside ASCII; so it can be put into a header
// and a command of SMTP as it is. Sources: RFC 5322 section 3.4.1, dot-atom; RFC 5321 section 4.5.3.1.
// errc::invalid: anything else.
result<std::string> parse_address(std::string_view text);

// The whole text, with CRLF ends of lines of at most 78 characters but for long addresses. Lines that begin with a dot
// are left as they are: who sends it doubles the dot.
// errc::invalid: an address that parse_address refuses, no recipient, an id with other characters, a subject with
// control characters or bytes that are no UTF-8 (which is how header lines are smuggled in), a NUL in the body.
result<std::string> to_message(const mail& what);

}  // namespace spillway::notify
