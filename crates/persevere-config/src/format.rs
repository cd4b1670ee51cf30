//! The formats of files, by the end of their names.

#[cfg(feature = "json")]
pub(crate) mod json;
#[cfg(feature = "toml")]
pub(crate) mod toml;

use crate::mistake::{LoadError, Mistake, Mistakes};
use crate::tree::Tree;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Reads the text of a file.
type Parse = fn(&str) -> Result<Tree, Mistake>;

/// The reader of the format that a name ends with; `None` if there is none.
fn parser(path: &Path) -> Option<Parse> {
    match path.extension()?.to_str()? {
        #[cfg(feature = "toml")]
        "toml" => Some(toml::parse),
        #[cfg(feature = "json")]
        "json" => Some(json::parse),
        _ => None,
    }
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Tree, LoadError> {
    let parse = parser(path).ok_or_else(|| LoadError::Format { path: path.to_owned() })?;
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
