//! Examples of HTTP: see the files beside this folder.
