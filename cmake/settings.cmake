# Two interface targets: how everything here is compiled, and which warnings our own code must not give.
add_library(spillway_settings INTERFACE)
target_compile_features(spillway_settings INTERFACE cxx_std_20)
target_compile_options(spillway_settings INTERFACE $<$<CONFIG:Debug>:-D_GLIBCXX_ASSERTIONS>)

# What ships reads from the network and from files of others: as Debian hardens its own packages.
target_compile_options(spillway_settings INTERFACE "$<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2;-fstack-protector-strong>")
target_link_options(spillway_settings INTERFACE $<$<CONFIG:Release>:LINKER:-z,relro,-z,now>)

if(SPILLWAY_SANITIZE)
  target_compile_options(spillway_settings INTERFACE -fsanitize=${SPILLWAY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(spillway_settings INTERFACE -fsanitize=${SPILLWAY_SANITIZE})
  if(SPILLWAY_SANITIZE MATCHES "undefined")
    target_compile_options(spillway_settings INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

# libFuzzer sees by this which branches an input reaches; its main() is linked to the targets of tests/fuzz alone.
if(SPILLWAY_FUZZERS)
  target_compile_options(spillway_settings INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(spillway_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ccache is used where it is installed. A launcher that the user chose stays, and an empty one
# (-DCMAKE_CXX_COMPILER_LAUNCHER=) means none.
find_program(SPILLWAY_CCACHE ccache)
if(SPILLWAY_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SPILLWAY_CCACHE})
endif()

# So is mold, which links several times as fast as ld; in Debug only: what ships must not depend on what happens to be
# installed. -DSPILLWAY_MOLD= means none.
find_program(SPILLWAY_MOLD mold)
if(SPILLWAY_MOLD)
  target_link_options(spillway_settings INTERFACE $<$<CONFIG:Debug>:-fuse-ld=mold>)
endif()

add_library(spillway_warnings INTERFACE)
target_compile_options(spillway_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wdouble-promotion
  -Wextra-semi -Wconversion $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
  # clang counts changes of signedness among conversions, which g++ does not, and looks into libstdc++'s std::stable_sort.
  "$<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion;-Wno-deprecated-declarations>"
  # g++ 12 raises these falsely for std::string's operator+ at -O2 (GCC bugs 105651 and 105329), on some machines only.
  "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>"
  $<$<BOOL:${SPILLWAY_WERROR}>:-Werror>)

# What most files include is read once in the presets asan and tsan: half of their time. The others are built without:
# ccache can do its work, and g++ 12 warns falsely behind such a header.
set(spillway_common_headers
  <algorithm> <array> <charconv> <chrono> <cstdint> <filesystem> <functional> <future> <map> <memory> <mutex> <optional>
  <set> <span> <stop_token> <string> <string_view> <thread> <utility> <vector>
  <boost/json.hpp> <boost/system/result.hpp> <fmt/format.h>)

# Sources are united in these two and in release: ten of them include the same headers once, a third of the time. For that,
# names in the anonymous namespaces of a folder have to differ. In dev every file stands on its own, and one that forgets
# an include is found.
function(spillway_compile_quickly target)
  if(SPILLWAY_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${spillway_common_headers})
  endif()
  if(SPILLWAY_UNITE GREATER 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${SPILLWAY_UNITE})
    # g++ 12 takes a source that another includes for a header, whose types must not hold those of an anonymous
    # namespace, and sees uninitialized memory in strings that were moved.
    target_compile_options(${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage;-Wno-maybe-uninitialized>")
  endif()
endfunction()
