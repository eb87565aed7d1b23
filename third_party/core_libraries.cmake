# The libraries of spillway::core. Who links a static library links what it needs, so this list is read twice: here, and
# by whoever calls find_package(spillway).
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(Boost 1.81 COMPONENTS json iostreams)
find_dependency(OpenSSL 3.0)
find_dependency(SQLite3 3.40)
find_dependency(ZLIB 1.2.13)
find_dependency(simdjson 3.0)
find_dependency(fmt 9.1)
find_dependency(pugixml 1.13)
find_dependency(PkgConfig)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET GLOBAL libisal>=2.30)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET GLOBAL libxxhash>=0.8.1)
