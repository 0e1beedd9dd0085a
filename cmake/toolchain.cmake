# Language, warnings, linker, sanitizers. The presets only set the two options below.
set(LOCKSTEP_SANITIZE "" CACHE STRING "comma list for -fsanitize=, empty for none")
option(LOCKSTEP_FUZZ "build only the fuzz targets and what they link (needs clang)" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(lockstep_options INTERFACE)
target_compile_options(lockstep_options INTERFACE
  -Wall -Wextra -Werror -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -fno-omit-frame-pointer
  -pthread)  # all alike: a header that was precompiled without it is passed over where it is given
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives inside coroutine frames and std::string at -O2.
  target_compile_options(lockstep_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds
    -Wno-dangling-reference -Wno-mismatched-new-delete -Wno-tsan)
endif()
if(LOCKSTEP_SANITIZE)
  target_compile_options(lockstep_options INTERFACE -fsanitize=${LOCKSTEP_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(lockstep_options INTERFACE -fsanitize=${LOCKSTEP_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND LOCKSTEP_SANITIZE MATCHES "address,undefined")
    # These two double the time to compile a coroutine. A null pointer still ends under the address
    # sanitizer, and the fuzz preset, with clang, checks alignment in every decoder.
    target_compile_options(lockstep_options INTERFACE -fno-sanitize=null,alignment)
  endif()
endif()
find_program(LOCKSTEP_MOLD mold)
if(LOCKSTEP_MOLD)
  target_link_options(lockstep_options INTERFACE -fuse-ld=mold)
endif()
# Objects and messages name files from the root of the clone, and ccache looks at them the same way, so
# that clones in different places share its results. It takes the compiler's word for what a file includes,
# and does not read everything twice when it has nothing yet.
target_compile_options(lockstep_options INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
find_program(LOCKSTEP_CCACHE ccache)
if(LOCKSTEP_CCACHE)
  set(launcher env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros
    ${LOCKSTEP_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

# build/release/lockstep, build/dev/log_test
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
