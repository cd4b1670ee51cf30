//! Code that does not compile, and whether the compiler's message says what to write instead.

mod compiler;
mod features;
mod locked;

/// B5 and the wrong kinds of sleeper, classifier and operation: each is a compile error with a message that helps. A
/// run can be set up in any order. M6: attributes compile where names are taken or lints deny. Messages explain the
/// other attributes.
#[test]
fn messages_say_what_to_write() {
    if compiler::words_its_messages_as_pinned() {
        let tests = trybuild::TestCases::new();
        tests.compile_fail("calls/*.rs");
        tests.pass("calls/pass/*.rs");
        tests.compile_fail("attribute/fail/*.rs");
        tests.pass("attribute/pass/*.rs");
    }
}
