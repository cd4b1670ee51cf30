//! M6: what does not compile, and whether the message says what to write instead.

use persevere_tests::compiler;

#[test]
fn messages_say_what_to_write() {
    if compiler::words_its_messages_as_pinned() {
        let tests = trybuild::TestCases::new();
        tests.pass("ui-attribute/pass/*.rs");
        tests.compile_fail("ui-attribute/fail/*.rs");
    }
}
