# Two interface targets: how everything here is compiled, and which warnings our own code must not give.
add_library(spillway_settings INTERFACE)
target_compile_features(spillway_settings INTERFACE cxx_std_20)
target_compile_options(spillway_settings INTERFACE $<$<CONFIG:Debug>:-D_GLIBCXX_ASSERTIONS>)

if(SPILLWAY_SANITIZE)
  target_compile_options(spillway_settings INTERFACE -fsanitize=${SPILLWAY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(spillway_settings INTERFACE -fsanitize=${SPILLWAY_SANITIZE})
  if(SPILLWAY_SANITIZE MATCHES "undefined")
    target_compile_options(spillway_settings INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

# mold links several times as fast as ld where it is installed; nothing depends on it.
find_program(SPILLWAY_MOLD mold)
if(SPILLWAY_MOLD AND NOT CMAKE_CXX_COMPILER_LAUNCHER STREQUAL "off")
  target_link_options(spillway_settings INTERFACE -fuse-ld=mold)
endif()
find_program(SPILLWAY_CCACHE ccache)
if(SPILLWAY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SPILLWAY_CCACHE})
endif()

add_library(spillway_warnings INTERFACE)
target_compile_options(spillway_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wdouble-promotion
  -Wextra-semi -Wconversion $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op> $<$<BOOL:${SPILLWAY_WERROR}>:-Werror>)
