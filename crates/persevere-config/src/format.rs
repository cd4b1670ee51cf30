//! The formats of files, by the end of their names.

#[cfg(feature = "json")]
pub(crate) mod json;
#[cfg(feature = "toml")]
pub(crate) mod toml;

use crate::mistake::{LoadError, Mistakes};
use crate::tree::Tree;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Tree, LoadError> {
    let parse = match path.extension().and_then(|end| end.to_str()) {
        #[cfg(feature = "toml")]
        Some("toml") => toml::parse,
        #[cfg(feature = "json")]
        Some("json") => json::parse,
        _ => return Err(LoadError::Format { path: path.to_owned() }),
    };
    let text = fs::read_to_string(path).map_err(|error| LoadError::read(path, error))?;
    let source: Arc<str> = path.display().to_string().into();
    match parse(&text) {
        Ok(mut tree) => {
            tree.set_source(&source);
            Ok(tree)
        }
        Err(mistake) => Err(Mistakes::from(mistake.within(&source)).into()),
    }
}
