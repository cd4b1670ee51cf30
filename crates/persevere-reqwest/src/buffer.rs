//! Responses whose body is in memory.

#[cfg(not(target_arch = "wasm32"))]
use http::{Extensions, HeaderMap};
use reqwest::Response;
#[cfg(not(target_arch = "wasm32"))]
use reqwest::{ResponseBuilderExt as _, Url};

/// The same response, with its whole body at hand.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn buffer(mut response: Response) -> reqwest::Result<Response> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        body.extend_from_slice(&part);
    }
    let head = http::Response::builder()
        .status(response.status())
        .version(response.version());
    let (url, headers) = (response.url().clone(), response.headers().clone());
    let extensions = std::mem::take(response.extensions_mut());
    Ok(buffered(head, url, headers, extensions, body).into())
}

/// A response of these parts.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn buffered(
    head: http::response::Builder,
    url: Url,
    headers: HeaderMap,
    extensions: Extensions,
    body: Vec<u8>,
) -> http::Response<Vec<u8>> {
    let response = head.url(url).body(body).expect("the head is that of a response");
    let (mut parts, body) = response.into_parts();
    parts.headers = headers;
    parts.extensions.extend(extensions);
    http::Response::from_parts(parts, body)
}

/// The response as it is: the response of a browser cannot be put together again.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn buffer(response: Response) -> reqwest::Result<Response> {
    Ok(response)
}
