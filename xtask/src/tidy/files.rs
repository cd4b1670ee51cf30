//! The text files of the repository.

use crate::command::{Failure, Outcome};
use std::fs;
use std::path::Path;

/// A text file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// From the root, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// The part of the name after the last dot.
    pub(crate) fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Its lines, from 1, each with its place as compilers print it.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (String, &str)> {
        let place = |(index, line)| (format!("{}:{}", self.path, index + 1), line);
        self.text.lines().enumerate().map(place)
    }

    /// A problem in this file: `line` counts from 1.
    pub(crate) fn problem(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

/// What is read: sources, manifests, documents, workflows, and the scripts in `.ci`.
fn is_read(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "rs" | "toml" | "md" | "yml" | "yaml") || path.starts_with(".ci/")
}

/// Reads the text files below `root`, without what was built and what belongs to git.
pub(crate) fn read(root: &Path) -> Outcome<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let place = root.join(&folder);
        for entry in fs::read_dir(&place).map_err(Failure::at(place.display()))? {
            let entry = entry.map_err(Failure::at(place.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            if entry.path().is_dir() {
                if name != "target" && name != ".git" {
                    folders.push(path);
                }
            } else if is_read(&path) {
                let text = fs::read_to_string(entry.path()).map_err(Failure::at(&path))?;
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(files)
}

#[cfg(test)]
pub(crate) fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
