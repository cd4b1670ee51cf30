//! The matrix: every behaviour in every world, threads and executors alike. `cargo xtask matrix` prints it as a table.

/// One test for each of these functions in each world, named `behaviour::world`.
macro_rules! in_every_world {
    ($($behaviour:ident),+ $(,)?) => {$(
        mod $behaviour {
            #[test]
            fn thread() {
                super::$behaviour(&persevere_tests::world::Thread::new());
            }

            on_every_executor!($behaviour);
        }
    )+};
}

/// The same for behaviours of executors alone, with the reason why a thread does not have them.
macro_rules! not_on_a_thread {
    ($why:literal: $($behaviour:ident),+ $(,)?) => {$(
        mod $behaviour {
            #[test]
            #[ignore = $why]
            fn thread() {}

            on_every_executor!($behaviour);
        }
    )+};
}

macro_rules! on_every_executor {
    ($behaviour:ident) => {
        #[test]
        fn tokio_current_thread() {
            super::$behaviour(&persevere_tests::world::TokioCurrentThread);
        }

        #[test]
        fn tokio_multi_thread() {
            super::$behaviour(&persevere_tests::world::TokioMultiThread);
        }

        #[test]
        fn async_std() {
            super::$behaviour(&persevere_tests::world::AsyncStd);
        }

        #[test]
        fn smol() {
            super::$behaviour(&persevere_tests::world::Smol);
        }

        #[test]
        fn async_executor() {
            super::$behaviour(&persevere_tests::world::AsyncExecutor);
        }

        #[test]
        fn futures_timer() {
            super::$behaviour(&persevere_tests::world::FuturesTimer);
        }

        #[test]
        fn virtual_time() {
            super::$behaviour(&persevere_tests::world::Virtual::default());
        }
    };
}

mod awaited;
mod guards;
mod runs;
mod sockets;
