//! What only the inside of the crate can show.

mod sets_are_what_tests_let_pass;
