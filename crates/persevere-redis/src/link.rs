//! A connection to the server that holds a key, and the scripts that run there.

use crate::status::Cause;
use redis::{Connection, ConnectionAddr, ConnectionInfo, ErrorKind, RedisError, Script, ServerErrorKind};
use std::sync::LazyLock;
use std::time::Duration;

/// How long connecting may take, and how long a late answer is waited for. Nothing else waits as long: see
/// [`Fleet::slow_after`](crate::Fleet::slow_after).
const PATIENCE: Duration = Duration::from_secs(1);

/// A script of one key.
pub(crate) struct Source {
    script: LazyLock<Script>,
}

impl Source {
    pub(crate) const fn new(script: fn() -> Script) -> Source {
        Source {
            script: LazyLock::new(script),
        }
    }
}

/// A call of a script.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) source: &'static Source,
    pub(crate) key: String,
    pub(crate) arguments: Vec<i64>,
}

/// The result of a script.
pub(crate) type Answer = Result<Vec<i64>, Cause>;

/// A connection to one server. In a cluster it is the node that holds the key: a link is for one key.
pub(crate) struct Link {
    server: ConnectionInfo,
    /// The node that the server has named instead of itself.
    node: Option<ConnectionInfo>,
    connection: Option<Connection>,
}

impl Link {
    pub(crate) fn new(server: ConnectionInfo) -> Link {
        Link {
            server,
            node: None,
            connection: None,
        }
    }

    /// Runs a script. After any error the connection is made anew, since an answer may still be on its way, and the server
    /// may have become another.
    pub(crate) fn run(&mut self, request: &Request) -> Answer {
        let error = match self.invoke(request) {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        self.connection = None;
        let moved = error.redirect_node().and_then(|(node, _)| self.at(node));
        if moved.is_none() {
            self.node = None;
            return Err(cause(&error));
        }
        self.node = moved;
        self.invoke(request).map_err(|error| {
            (self.connection, self.node) = (None, None);
            cause(&error)
        })
    }

    fn invoke(&mut self, request: &Request) -> Result<Vec<i64>, RedisError> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            empty => empty.insert(connect(self.node.as_ref().unwrap_or(&self.server))?),
        };
        let mut call = request.source.script.key(&request.key);
        for argument in &request.arguments {
            call.arg(*argument);
        }
        call.invoke(connection)
    }

    /// The server, at the address of another node.
    fn at(&self, node: &str) -> Option<ConnectionInfo> {
        let (host, port) = node.rsplit_once(':')?;
        let (host, port) = (host.to_owned(), port.parse().ok()?);
        let address = match self.server.addr().clone() {
            ConnectionAddr::Tcp(..) => ConnectionAddr::Tcp(host, port),
            ConnectionAddr::TcpTls {
                insecure, tls_params, ..
            } => ConnectionAddr::TcpTls {
                host,
                port,
                insecure,
                tls_params,
            },
            _ => return None,
        };
        Some(self.server.clone().set_addr(address))
    }
}

fn connect(server: &ConnectionInfo) -> Result<Connection, RedisError> {
    let client = redis::Client::open(server.clone())?;
    let connection = client.get_connection_with_timeout(PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    Ok(connection)
}

fn cause(error: &RedisError) -> Cause {
    let is_wrong_type = || error.to_string().contains("WRONGTYPE");
    match error.kind() {
        _ if error.is_timeout() => Cause::Slow,
        ErrorKind::Io => Cause::Down,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading | ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown,
        ) => Cause::Down,
        ErrorKind::Server(ServerErrorKind::ReadOnly) => Cause::ReadOnly,
        _ if is_wrong_type() => Cause::WrongType,
        _ if error.to_string().contains("READONLY") => Cause::ReadOnly,
        _ => Cause::Failed,
    }
}
