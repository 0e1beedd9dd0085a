# One precompiled header for all modules that see Asio, of what never changes: it takes a fifth to a third
# off their time. Who forgot an include is shown by clang-tidy, which reads each file for itself.
option(LOCKSTEP_PCH "precompile the headers of Asio's coroutines" OFF)
if(LOCKSTEP_PCH)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch.cpp CONTENT "")
  add_library(lockstep_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
  target_link_libraries(lockstep_pch PRIVATE lockstep_options fmt::fmt Threads::Threads)
  target_compile_options(lockstep_pch PRIVATE -fpch-preprocess)
  target_precompile_headers(lockstep_pch PRIVATE
    <functional> <memory> <optional> <string> <vector>
    <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/system/result.hpp> <fmt/format.h>)
endif()

# And one for the tests, in every preset: Google Test and Asio are half of what the compiler reads of them.
option(LOCKSTEP_TEST_PCH "precompile the headers of Google Test and Asio" OFF)
if(LOCKSTEP_TEST_PCH AND NOT LOCKSTEP_FUZZ)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/test_pch.cpp CONTENT "")
  add_library(lockstep_test_pch OBJECT ${CMAKE_BINARY_DIR}/test_pch.cpp)
  target_link_libraries(lockstep_test_pch PRIVATE lockstep_options fmt::fmt GTest::gtest GTest::gmock Threads::Threads)
  target_compile_options(lockstep_test_pch PRIVATE -fpch-preprocess)
  target_precompile_headers(lockstep_test_pch PRIVATE
    <algorithm> <functional> <map> <memory> <optional> <set> <string> <vector>
    <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
    <boost/asio/use_future.hpp> <boost/system/result.hpp> <fmt/format.h> <gmock/gmock.h> <gtest/gtest.h>)
endif()

# The files of a target are compiled some at a time as one: what a file costs is mostly the headers that it
# shares with its neighbours, so this is a third of the work. Two files of one target may then not give one
# name to two things, also not in unnamed namespaces, save those named ALONE. Who forgot an include is
# shown by clang-tidy, which reads each file for itself.
option(LOCKSTEP_UNITY "compile the files of a target together" OFF)

function(lockstep_together TARGET)
  if(LOCKSTEP_UNITY)
    set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    # Said of what is in a .cpp only because it is included here.
    target_compile_options(${TARGET} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    foreach(file ${ARGN})
      if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
        message(FATAL_ERROR "${file} of ALONE is not there")
      endif()
    endforeach()
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

function(lockstep_precompiled TARGET)
  if(LOCKSTEP_PCH)
    target_precompile_headers(${TARGET} REUSE_FROM lockstep_pch)
    target_compile_options(${TARGET} PRIVATE -fpch-preprocess -Wno-error=invalid-pch)
  endif()
endfunction()

# lockstep_module(NAME [DEPS module...] [PRIVATE target...] [ALONE file...])
#
# A folder of src/ is one static library, lockstep_NAME, and one test binary, NAME_test, made of the
# *_test.cpp beside the sources. DEPS are modules that its headers show; src/layers.txt says which are
# allowed, and `./dev lint` compares both with the includes. PRIVATE is what only its .cpp files use. ALONE
# are files whose names others of the module use as well.
function(lockstep_module NAME)
  cmake_parse_arguments(ARG "" "" "ALONE;DEPS;PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(lockstep_${NAME} STATIC ${sources})
    lockstep_together(lockstep_${NAME} ${ARG_ALONE})
    set(scope PUBLIC)
    target_link_libraries(lockstep_${NAME} PRIVATE ${ARG_PRIVATE})
    if(NOT NAME MATCHES "^(base|core)$")
      lockstep_precompiled(lockstep_${NAME})
    endif()
  else()
    add_library(lockstep_${NAME} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(lockstep_${NAME} ${scope} ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM ARG_DEPS PREPEND lockstep_)
  target_link_libraries(lockstep_${NAME} ${scope} lockstep_options fmt::fmt ${ARG_DEPS} ${ARG_PUBLIC})
  if(tests AND NOT LOCKSTEP_FUZZ)
    add_executable(${NAME}_test ${tests})
    lockstep_together(${NAME}_test ${ARG_ALONE})
    target_link_libraries(${NAME}_test PRIVATE lockstep_${NAME} ${ARG_PRIVATE} GTest::gtest_main GTest::gmock)
    if(LOCKSTEP_TEST_PCH)
      target_precompile_headers(${NAME}_test REUSE_FROM lockstep_test_pch)
      target_compile_options(${NAME}_test PRIVATE -fpch-preprocess -Wno-error=invalid-pch)
    endif()
    add_test(NAME ${NAME} COMMAND ${NAME}_test --gtest_brief=1)
    set_property(GLOBAL APPEND PROPERTY LOCKSTEP_TESTS ${NAME}_test)
  endif()
endfunction()
