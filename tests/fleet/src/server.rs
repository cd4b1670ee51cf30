//! A Redis server of a test, on a free port of loopback.

use redis::{Client, Connection};
use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

/// The variable that names a server to start, instead of the server on the path.
const PROGRAM: &str = "PERSEVERE_REDIS_SERVER";

/// A server in memory, which is killed when it is dropped.
pub struct Server {
    program: OsString,
    port: u16,
    arguments: Vec<String>,
    child: Child,
}

impl Server {
    /// Starts a server. `None` where there is no program, which is printed once, and is an error in CI.
    #[must_use]
    pub fn start() -> Option<Server> {
        Server::with(&[])
    }

    /// Starts a server with more arguments.
    ///
    /// # Panics
    ///
    /// If it does not answer within 10 seconds, or ends at once ten times.
    #[must_use]
    pub fn with(arguments: &[&str]) -> Option<Server> {
        let program = program()?;
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        // Another process may take the port before the server does.
        for _ in 0..10 {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
            let port = listener.local_addr().expect("a bound listener").port();
            drop(listener);
            let (program, arguments) = (program.clone(), arguments.clone());
            let child = spawn(&program, port, &arguments);
            let mut server = Server {
                program,
                port,
                arguments,
                child,
            };
            if server.wait() {
                return Some(server);
            }
        }
        panic!("{} ends at once", program.to_string_lossy());
    }

    /// The URL of the server.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// The address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// A new connection.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    #[must_use]
    pub fn connect(&self) -> Connection {
        let client = Client::open(self.url()).expect("a valid URL");
        let timeout = Duration::from_secs(5);
        client.get_connection_with_timeout(timeout).expect("the server runs")
    }

    /// Runs a command, written as on the command line.
    ///
    /// # Panics
    ///
    /// If it fails.
    #[expect(clippy::must_use_candidate, reason = "most commands return nothing")]
    pub fn run<T: redis::FromRedisValue>(&self, line: &str) -> T {
        let mut words = line.split(' ');
        let mut command = redis::cmd(words.next().expect("a command"));
        words.for_each(|word| {
            command.arg(word);
        });
        command.query(&mut self.connect()).expect("the command succeeds")
    }

    /// Kills the server, with all its data.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts a killed server again, empty, on its port.
    ///
    /// # Panics
    ///
    /// If it does not answer within 10 seconds.
    pub fn restart(&mut self) {
        self.child = spawn(&self.program, self.port, &self.arguments);
        assert!(self.wait(), "the port is free");
    }

    /// Stops and continues the process of the server.
    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// All that the server runs from now on.
    #[must_use]
    pub fn monitor(&self) -> Monitor {
        Monitor::new(self)
    }

    /// Waits until a server answers. Returns whether it is this server.
    fn wait(&mut self) -> bool {
        let start = Instant::now();
        let client = Client::open(self.url()).expect("a valid URL");
        let is_ended = |child: &mut Child| child.try_wait().is_ok_and(|status| status.is_some());
        while client.get_connection_with_timeout(Duration::from_secs(1)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(10), "the server does not start");
            if is_ended(&mut self.child) {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let about: String = self.run("INFO server");
        about
            .lines()
            .any(|line| line == format!("process_id:{}", self.child.id()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal, such as `STOP`, to a process.
///
/// # Panics
///
/// If the process has ended and was waited for.
pub fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(child.id().to_string())
        .status();
    assert!(kill.expect("there is a program `kill`").success());
}

fn spawn(program: &OsString, port: u16, arguments: &[String]) -> Child {
    let folder = env::temp_dir();
    let mut command = Command::new(program);
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"]);
    command.arg(port.to_string()).arg("--dir").arg(folder).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().expect("the server can be started")
}

fn program() -> Option<OsString> {
    static SAID: Once = Once::new();
    let on_path = || {
        let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
        let names = ["redis-server", "valkey-server"];
        let programs = folders.iter().flat_map(|folder| names.map(|name| folder.join(name)));
        programs
            .into_iter()
            .find(|program| program.is_file())
            .map(PathBuf::into_os_string)
    };
    let found = env::var_os(PROGRAM).or_else(on_path);
    if found.is_none() {
        assert!(env::var_os("CI").is_none(), "there is no redis-server in CI");
        let line = format!("SKIPPED: no redis-server on the path, and {PROGRAM} names none\n");
        // Past the capture of the test harness.
        SAID.call_once(|| drop(io::stderr().write_all(line.as_bytes())));
    }
    found
}

/// The commands that a server runs: the output of its command `MONITOR`.
pub struct Monitor {
    connection: Connection,
}

impl Monitor {
    fn new(server: &Server) -> Monitor {
        let mut connection = server.connect();
        let started = redis::cmd("MONITOR").query::<String>(&mut connection);
        assert_eq!(started.expect("the server monitors"), "OK");
        Monitor { connection }
    }

    /// The commands that were run since the last call.
    ///
    /// # Panics
    ///
    /// If the connection breaks.
    pub fn lines(&mut self) -> Vec<String> {
        let timeout = Some(Duration::from_millis(100));
        self.connection.set_read_timeout(timeout).expect("a timeout above zero");
        let mut lines = Vec::new();
        loop {
            match self.connection.recv_response() {
                Ok(value) => lines.extend(redis::from_redis_value::<String>(value)),
                Err(error) => {
                    assert!(error.is_timeout(), "{error}");
                    return lines;
                }
            }
        }
    }
}
