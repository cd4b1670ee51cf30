//! M6: the messages for code that does not compile.

use persevere_tests::compiler;

#[test]
fn messages_are_as_pinned() {
    if compiler::words_its_messages_as_pinned() {
        let tests = trybuild::TestCases::new();
        tests.pass("ui-attribute/pass/*.rs");
        tests.compile_fail("ui-attribute/fail/*.rs");
    }
}
