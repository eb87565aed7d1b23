# find_package(spillway): the target spillway::core, and the libraries that it links.
include(${CMAKE_CURRENT_LIST_DIR}/core_libraries.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/spillwayTargets.cmake)
