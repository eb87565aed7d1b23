// What the invented events speak of: places, devices, pages, products. Only generator.cpp includes this.
//
// Strings stand as they are written between the quotes in JSON. Several keep an escape where plain UTF-8 would do,
// because real senders do so too, and a reader has to carry both through unchanged. An order or a word that changes
// here changes the bytes of every seed (tests/record/generator.cpp holds a hash of them).
#pragma once

#include <string_view>

namespace spillway::record::words {

using text = std::string_view;

// Coordinates in 1/1000 degree.
struct place {
  text city, region, country, dma, language, address_start;
  int latitude, longitude;
};
inline constexpr place places[] = {
    {"San Francisco", "California", "United States", "San Francisco-Oakland-San Jose, CA", "English", "73.162.", 37775,
     -122419},
    {"New York", "New York", "United States", "New York, NY", "English", "67.244.", 40713, -74006},
    {"Austin", "Texas", "United States", "Austin, TX", "English", "70.112.", 30267, -97743},
    {"Chicago", "Illinois", "United States", "Chicago, IL", "Spanish", "24.14.", 41878, -87630},
    {"London", "England", "United Kingdom", "", "English", "86.150.", 51507, -128},
    {"München", "Bavaria", "Germany", "", "German", "93.104.", 48135, 11582},
    {"Zürich", "Zurich", "Switzerland", "", "German", "178.197.", 47377, 8541},
    {"Paris", "Île-de-France", "France", "", "French", "90.63.", 48857, 2352},
    {"Montréal", "Quebec", "Canada", "", "French", "184.161.", 45502, -73567},
    {"Málaga", "Andalusia", "Spain", "", "Spanish", "83.46.", 36721, -4421},
    {"São Paulo", "São Paulo", "Brazil", "", "Portuguese", "177.103.", -23551, -46633},
    {"Bras\\u00edlia", "Federal District", "Brazil", "", "Portuguese", "189.6.", -15794, -47883},
    {"Ciudad de México", "Mexico City", "Mexico", "", "Spanish", "187.190.", 19433, -99133},
    {"Kraków", "Lesser Poland", "Poland", "", "Polish", "83.24.", 50065, 19945},
    {"İstanbul", "Istanbul", "Turkey", "", "Turkish", "88.230.", 41008, 28978},
    {"東京都", "Tokyo", "Japan", "", "Japanese", "126.33.", 35690, 139692},
    {"서울", "Seoul", "South Korea", "", "Korean", "211.36.", 37567, 126978},
    {"Mumbai", "Maharashtra", "India", "", "Hindi", "49.36.", 19076, 72878},
    {"القاهرة", "Cairo Governorate", "Egypt", "", "Arabic", "41.46.", 30044, 31236},
    {"Sydney", "New South Wales", "Australia", "", "English", "120.148.", -33869, 151209},
    {"", "", "Nigeria", "", "English", "102.89.", 9082, 8675},
    {"Orhaniye K\\u00f6y\\u00fc", "Muğla", "Turkey", "", "Turkish", "78.180.", 36763, 28132},
};

// An empty string becomes null. No platform at all: a server that sends batches. `versions`: of the system, on the web
// of the browser.
struct device {
  text platform, os_name, family, type, brand, manufacturer, model, carrier, library;
  text versions[3];
};
inline constexpr device devices[] = {
    {"Web", "Chrome", "Mac OS X", "", "", "", "", "", "amplitude-js/5.2.2", {"79.0.3945", "78.0.3904", "80.0.3987"}},
    {"Web", "Chrome", "Windows", "", "", "", "", "", "amplitude-js/5.8.0", {"79.0.3945", "78.0.3904", "79.0.3945"}},
    {"Web", "Safari", "Mac OS X", "", "", "Apple", "", "", "amplitude-js/5.2.2", {"13.0.4", "13.0.5", "12.1.2"}},
    {"Web", "Firefox", "Windows", "", "", "", "", "", "amplitude-js/5.8.0", {"72.0", "71.0", "68.0"}},
    {"Web", "Edge", "Windows", "", "", "", "", "", "segment", {"18.18363", "79.0.309", "18.17763"}},
    {"Web", "Chrome", "Linux", "", "", "", "", "", "amplitude-js/5.2.2", {"79.0.3945", "80.0.3987", "79.0.3945"}},
    {"Web",
     "Mobile Safari",
     "iOS",
     "Apple iPhone",
     "Apple",
     "Apple",
     "iPhone",
     "",
     "amplitude-js/5.8.0",
     {"13.0.4", "12.1.2", "13.0.3"}},
    {"iOS",
     "ios",
     "Apple iPhone",
     "Apple iPhone 11",
     "Apple",
     "Apple",
     "iPhone12,1",
     "Verizon",
     "amplitude-ios/4.9.3",
     {"13.3", "13.3.1", "13.2.3"}},
    {"iOS",
     "ios",
     "Apple iPhone",
     "Apple iPhone XR",
     "Apple",
     "Apple",
     "iPhone11,8",
     "--",
     "amplitude-ios/4.9.3",
     {"13.3", "12.4.4", "13.3.1"}},
    {"iOS",
     "ios",
     "Apple iPad",
     "Apple iPad Air",
     "Apple",
     "Apple",
     "iPad11,3",
     "--",
     "amplitude-ios/4.8.2",
     {"13.3", "12.4.4", "13.1.3"}},
    {"Android",
     "android",
     "Samsung Galaxy Phone",
     "Samsung Galaxy S10",
     "samsung",
     "samsung",
     "SM-G973F",
     "Vodafone",
     "amplitude-android/2.23.2",
     {"10", "9", "9"}},
    {"Android",
     "android",
     "Google Pixel Phone",
     "Google Pixel 3a",
     "google",
     "Google",
     "Pixel 3a",
     "T-Mobile",
     "amplitude-android/2.25.1",
     {"10", "10", "9"}},
    {"Android",
     "android",
     "Xiaomi Phone",
     "Xiaomi Redmi Note 8",
     "xiaomi",
     "Xiaomi",
     "Redmi Note 8",
     "Orange",
     "amplitude-android/2.23.2",
     {"9", "9", "10"}},
    {"", "", "", "", "", "", "", "", "http/2.0", {"", "", ""}},
};

inline constexpr text app_versions[] = {"7.21.0", "7.20.3", "7.18.1", "8.0.0-beta.2", "6.9.14"};

inline constexpr text pages[] = {"/",
                                 "/pricing",
                                 "/products/walnut-desk",
                                 "/search?q=lamp&page=2",
                                 "/cart",
                                 "/checkout/payment",
                                 "/blog/2020/01/caf\\u00e9-culture",
                                 "/account",
                                 "/help/returns",
                                 "/products/%C3%A9tag%C3%A8re",
                                 "/wishlist",
                                 "/login?next=\\/account\\/orders"};
inline constexpr text titles[] = {"Home",
                                  "Pricing",
                                  "Walnut desk \\u2013 120 cm",
                                  "Suche: \\\"Lampe\\\"",
                                  "Your basket",
                                  "Zahlung",
                                  "Café culture | The Journal",
                                  "マイページ",
                                  "Help",
                                  "Étagère en chêne",
                                  "Wish list 🎁",
                                  "Sign in"};
inline constexpr text referrers[] = {"https://www.google.com/", "EMPTY", "https:\\/\\/t.co\\/x9Qe1"};
inline constexpr text products[] = {"Walnut desk",
                                    "Crème brûlée torch",
                                    "Lampe \\u00ab Lumi\\u00e8re \\u00bb",
                                    "抹茶セット",
                                    "Wool rug 2\\u00d73 m",
                                    "Notebook, A5",
                                    "Žluťoučký hrnek",
                                    "USB-C cable",
                                    "Kaffeemühle \\\"Klassik\\\"",
                                    "Garden hose 25\\u2032",
                                    "Tea towel\\tset of 3",
                                    "Кружка"};
inline constexpr text categories[] = {"office", "kitchen", "lighting", "garden", "home & living", "stationery"};
inline constexpr text colors[] = {"red", "natural oak", "graphite", "off-white", "bleu p\\u00e2le"};
inline constexpr text searches[] = {"desk lamp",      "büro stuhl", "cadeau noël",   "抹茶",
                                    "cable usb c 2m", "кружка",     "rug\\u00a02x3", "return policy"};
inline constexpr text errors[] = {"Network request failed", "TypeError: undefined is not an object (evaluating 'a.b')",
                                  "HTTP 503 from \\/api\\/cart", "timeout of 10000ms exceeded\\n    at onTimeout"};
inline constexpr text buttons[] = {"Add to basket", "Kaufen", "Subscribe", "Load more", "保存", "Share…"};
inline constexpr text plans[] = {"free", "basic", "pro", "enterprise"};
inline constexpr text currencies[] = {"USD", "EUR", "BRL", "JPY"};
inline constexpr text companies[] = {"Acme", "Globex", "Müller & Söhne", "Initech", "Vandelay"};
inline constexpr text networks[] = {"wifi", "4g", "3g"};

}  // namespace spillway::record::words
