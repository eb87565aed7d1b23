// How a job is shown; the verb is in jobs.cpp.
#pragma once

#include "store/ledger.hpp"

#include <boost/json/fwd.hpp>

#include <vector>

namespace spillway::cli {

// {"connection":1,"kind":"events","project":187520,"destination":"/srv/bucket","endpoint":null,"hour":"2020-01-25_17",
//  "state":"delivered","reason":null,"attempts":1,"complete":"manifest","planned_at":"2020-01-25T18:00:00Z",
//  "delivered_at":"2020-01-25T18:00:02Z","events":3,"bytes":812,"objects":[
//   {"key":"187520/187520_2020-01-25_17#1.json.gz","partition":1,"events":3,"text_bytes":4096,"text_crc32":"0a1b2c3d",
//    "bytes":812,"sha256":"9f86d0...","engine":"lines-1","etag":"...","delivered_at":"..."}]}
boost::json::object to_json(const store::job_row& job, const std::vector<store::object_row>& objects);

}  // namespace spillway::cli
