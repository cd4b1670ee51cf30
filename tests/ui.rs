//! What does not compile, and whether the compiler's message says what to write instead.

use persevere_tests::compiler;

#[path = "locked.rs"]
mod locked;

/// B5 and the wrong kinds of sleeper, classifier and operation: each is a compile error with a message that helps.
/// The orders in which a run can be set up all compile.
#[test]
fn messages_say_what_to_write() {
    if compiler::words_its_messages_as_pinned() {
        let tests = trybuild::TestCases::new();
        tests.compile_fail("ui/*.rs");
        tests.pass("ui/pass/*.rs");
    }
}
