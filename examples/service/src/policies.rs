//! The policies of this service, from a file.

use persevere::config::{Policies, Settings};
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

/// Reads the file again whenever it has changed. A file with a mistake changes nothing, and its mistakes are logged.
///
/// # Errors
///
/// If the file cannot be read at first.
pub async fn watch(path: &Path, policies: &Policies) -> io::Result<()> {
    let mut seen = fs::read_to_string(path)?;
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        match fs::read_to_string(path) {
            Ok(text) if text != seen => seen = text,
            // The file is the same, or is just being replaced.
            _ => continue,
        }
        let reloaded = Settings::load(path).map_err(|error| error.to_string());
        match reloaded.and_then(|settings| policies.replace(settings).map_err(|error| error.to_string())) {
            Ok(()) => tracing::info!("{} is read again", path.display()),
            Err(mistakes) => tracing::error!("{} is not read again:\n{mistakes}", path.display()),
        }
    }
}
